import { readFileSync } from 'node:fs';

/** A TCP socket that listens on this machine, as proc_net(5) shows it. */
export interface Listener {
  /** Local address in hexadecimal, the bytes of each group of four in reverse. */
  readonly address: string;
  /** Of the user who listens. */
  readonly uid: number;
  readonly inode: string;
}

/** The sockets that listen on a port, whoever's they are. */
export function listenersOn(port: number): readonly Listener[] {
  return ['tcp', 'tcp6'].flatMap((table) => listenersIn(table, port));
}

const LISTEN = '0A';

function listenersIn(table: string, port: number): readonly Listener[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return orEmpty(() => readFileSync(`/proc/net/${table}`, 'utf8'))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === LISTEN)
    .map(([, local = '', , , , , , uid, , inode = '']) => ({
      address: local.slice(0, -hexPort.length - 1),
      uid: Number(uid),
      inode,
    }));
}

/** Whether a connection to a URL of this machine could reach a program of another user. */
export function isForeign(url: string): boolean {
  const { hostname, port } = new URL(url);
  return listenersOn(Number(port) || 80).some(
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

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
