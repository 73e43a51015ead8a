import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** Who listens on a TCP port of this machine, as far as this user may see: `node server.js (process 4711)`. */
export function findPortHolder(port: number): string | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (sockets.size === 0) return undefined;
  const pid = processIds().find((id) => openSockets(id).some((inode) => sockets.has(inode)));
  return pid === undefined ? undefined : `${commandOf(pid)} (process ${pid})`;
}

/** See proc_net(5): local address, state and inode are columns 1, 3 and 9. */
function listeningInodes(table: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readOr(`/proc/net/${table}`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN)
    .map((fields) => fields[9] ?? '');
}

function processIds(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function openSockets(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketInode(`/proc/${pid}/fd/${fd}`) ?? []);
  } catch {
    // Another user's process, or one that has just ended.
    return [];
  }
}

function socketInode(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

function commandOf(pid: string): string {
  return readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 120) || 'a process';
}

function readOr(path: string, otherwise = ''): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
