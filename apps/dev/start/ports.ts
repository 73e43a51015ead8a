import { once } from 'node:events';
import { existsSync, globSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { listenersOn } from '@xnai/ops';
import type { Address } from './config.ts';
import { StartError } from './start-error.ts';

export interface WantedPort extends Address {
  readonly service: string;
  /** The prefix of its environment variables, such as `RAG` of `RAG_HOST` and `RAG_PORT`. */
  readonly prefix: string;
}

/** @throws {StartError} when a port is not free: with the process that uses it, and the setting to change */
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

function explain({ service, host, port, prefix }: WantedPort, code: string): string {
  const problem = `${service} cannot listen on ${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port) ?? 'another process';
    return `${problem}: the port is in use by ${holder}. Stop that process, or choose another port: ${prefix}_PORT=${port + 10} npm start`;
  }
  if (code === 'EACCES')
    return `${problem}: no permission for this port. Choose one from 1024 up with ${prefix}_PORT.`;
  return `${problem} (${code}): check ${prefix}_HOST.`;
}

/** The process that listens on a TCP port, if this user may see it: `node server.js (process 4711)`. */
function findPortHolder(port: number): string | undefined {
  // Linux alone lists them.
  if (!existsSync('/proc/net/tcp')) return undefined;
  const sockets = listenersOn(port).map(({ inode }) => `socket:[${inode}]`);
  const descriptor = globSync('/proc/[0-9]*/fd/*').find((path) =>
    sockets.includes(orEmpty(() => readlinkSync(path))),
  );
  const pid = descriptor?.split('/')[2];
  if (pid === undefined) return undefined;
  const command = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return `${command.replaceAll('\0', ' ').trim().slice(0, 120) || 'a process'} (process ${pid})`;
}

/** Empty when the process has just ended, or belongs to another user. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
