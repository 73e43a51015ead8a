import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Address } from './config.ts';
import { findPortHolder } from './port-holder.ts';
import { StartError } from './start-error.ts';

export interface WantedPort extends Address {
  readonly service: string;
  /** The environment variables that move it. */
  readonly hostVariable: string;
  readonly portVariable: string;
}

/** @throws StartError that names each port that cannot be had, who has it and what to change */
export async function requirePorts(wanted: readonly WantedPort[]): Promise<void> {
  const problems: string[] = [];
  for (const port of wanted) {
    const code = await tryPort(port);
    if (code !== undefined) problems.push(explain(port, code));
  }
  if (problems.length > 0) throw new StartError(problems.join('\n'));
}

async function tryPort({ host, port }: Address): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
  } finally {
    server.close();
  }
}

function explain({ service, host, port, hostVariable, portVariable }: WantedPort, code: string): string {
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const who = holder === undefined ? 'another process' : holder;
    return `${service} cannot listen on ${where}: it is taken by ${who}. Stop that, or choose another port: ${portVariable}=${port + 10} npm start`;
  }
  if (code === 'EACCES')
    return `${service} cannot listen on ${where}: no permission for this port. Choose one from 1024 up with ${portVariable}.`;
  return `${service} cannot listen on ${where} (${code}): check ${hostVariable}.`;
}
