import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
}

/**
 * The TCP sockets of this process that others than this machine can reach, from what the kernel says and not
 * from what the code means to do: a library that opens a port of its own is found out.
 */
export function exposedSockets(): ListeningSocket[] {
  // Only Linux has it; nothing is found out elsewhere.
  if (!existsSync('/proc/self/fd')) return [];
  const own = ownInodes();
  return (
    ['/proc/self/net/tcp', '/proc/self/net/tcp6']
      // Without IPv6 there is no second table.
      .filter((table) => existsSync(table))
      .flatMap(readTable)
      .filter((socket) => own.has(socket.inode) && !isLoopback(socket.address))
      .map(({ address, port }) => ({ address, port }))
  );
}

/** Ends the start of a process that can be reached from outside where it must not be. */
export class ExposedError extends Error {
  readonly forOperator = true;

  constructor(sockets: readonly ListeningSocket[]) {
    const list = sockets.map(({ address, port }) => `${address}:${port}`).join(', ');
    super(`refusing to run: something other than the API listens beyond loopback (${list})`);
    this.name = 'ExposedError';
  }
}

/** @throws ExposedError */
export function assertNothingExposed(): void {
  const exposed = exposedSockets();
  if (exposed.length > 0) throw new ExposedError(exposed);
}

function ownInodes(): ReadonlySet<string> {
  const inodes = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    } catch {
      // The descriptor of this very listing is closed by now.
      return undefined;
    }
  });
  return new Set(inodes.filter((inode) => inode !== undefined));
}

const LISTEN = '0A';

/** proc(5): `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...` */
function readTable(file: string): { address: string; port: number; inode: string }[] {
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    if (state !== LISTEN) return [];
    const [hex = '', port = ''] = local.split(':');
    return [{ address: readAddress(hex), port: Number.parseInt(port, 16), inode }];
  });
}

/** 32-bit words in the byte order of the machine, which is little-endian wherever Node 24 runs. */
function readAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.swap32();
  if (bytes.length === 4) return [...bytes].join('.');
  return bytes.toString('hex').replace(/(....)(?!$)/g, '$1:');
}

function isLoopback(address: string): boolean {
  const mapped = '0000:0000:0000:0000:0000:ffff:7f';
  return address.startsWith('127.') || address === LOOPBACK6 || address.startsWith(mapped);
}

const LOOPBACK6 = '0000:0000:0000:0000:0000:0000:0000:0001';
