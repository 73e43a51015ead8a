import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpackIfPossible } from '../support/unpack-if-possible.ts';

const PACKAGES = [
  'prometheus',
  'prometheus-alertmanager',
  'prometheus-node-exporter',
  'prometheus-redis-exporter',
];

/** Folder with Debian's own packages; undefined, with a word, where they cannot be had. */
export const unpackPrograms = (): string | undefined => unpackIfPossible('Prometheus', ...PACKAGES);

export function runProgram(folder: string, name: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'usr/bin', name), args, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

/** Whether a program can be given files of its own under /usr/share: some systems refuse user namespaces. */
export function hasOwnShare(): boolean {
  return spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/usr/share']).status === 0;
}

export interface Program extends AsyncDisposable {
  readonly output: () => string;
}

export function startProgram(
  folder: string,
  name: string,
  { args, env = {} }: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Program {
  const path = join(folder, 'usr/bin', name);
  return follow(spawn(existsSync(path) ? path : name, args, { env: { PATH: process.env['PATH'], ...env } }));
}

function follow(child: ChildProcess): Program {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (output += part));
  const ended = once(child, 'exit');
  return {
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
