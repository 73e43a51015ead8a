import { once } from 'node:events';
import { globSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
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
  const sockets = ['tcp', 'tcp6'].flatMap((table) => listeningSockets(table, port));
  const descriptor = globSync('/proc/[0-9]*/fd/*').find((path) =>
    sockets.includes(orEmpty(() => readlinkSync(path))),
  );
  const pid = descriptor?.split('/')[2];
  if (pid === undefined) return undefined;
  const command = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return `${command.replaceAll('\0', ' ').trim().slice(0, 120) || 'a process'} (process ${pid})`;
}

const LISTEN = '0A';

/** See proc_net(5): local address, state and inode are columns 1, 3 and 9. */
function listeningSockets(table: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return orEmpty(() => readFileSync(`/proc/net/${table}`, 'utf8'))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`);
}

/** Empty when the process has just ended, or belongs to another user. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
