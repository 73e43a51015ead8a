import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A TCP socket that listens on this machine, as proc_net(5) shows it. */
export interface Listener {
  /** Local address in hexadecimal, the bytes of each group of four in reverse. */
  readonly address: string;
  /** Of the user who listens. */
  readonly uid: number;
  readonly inode: string;
}

/** Where Linux lists the sockets of this machine. */
const TABLES = '/proc/net';

/**
 * The sockets that listen on a port, of all users.
 *
 * @throws the system's error when they cannot be told
 */
export function listenersOn(port: number, tables = TABLES): readonly Listener[] {
  // A machine without IPv6 has no table of it.
  const files = ['tcp', 'tcp6'].map((name) => join(tables, name));
  return files.filter((file, at) => at === 0 || existsSync(file)).flatMap((file) => listenersIn(file, port));
}

const LISTEN = '0A';

function listenersIn(file: string, port: number): readonly Listener[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN)
    .map(([, local = '', , , , , , uid, , inode = '']) => ({
      address: local.slice(0, -hexPort.length - 1),
      uid: Number(uid),
      inode,
    }));
}

/**
 * Whether a connection to a URL of this machine could reach a program of another user.
 *
 * @throws the system's error when that cannot be told
 */
export function isForeign(url: string, tables = TABLES): boolean {
  const { hostname, port } = new URL(url);
  return listenersOn(Number(port) || 80, tables).some(
    ({ address, uid }) => uid !== process.getuid?.() && takes(address, hostname),
  );
}

/** An address of IPv4 is also the end of the one of IPv6 that stands for it. Of other names, any address is taken. */
function takes(address: string, hostname: string): boolean {
  const parts = hostname.split('.').map(Number);
  if (/^0+$/.test(address) || parts.length !== 4 || parts.some(Number.isNaN)) return true;
  const hex = parts.toReversed().map((part) => part.toString(16).toUpperCase().padStart(2, '0'));
  return address.endsWith(hex.join(''));
}
