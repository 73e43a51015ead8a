import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Host, openHost } from '../host/host.ts';
import { root as repository } from '../root.ts';

/** Where the stack is in a machine of tests. */
export const CHECKOUT = '/home/me/xnai';

/** What a program prints; by default it ends with 0. */
export interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly code?: number;
}

/** A machine in a folder: its files, and programs that answer by the beginning of their arguments. */
export interface TestMachine extends Disposable {
  readonly host: Host;
  /** The folder of its `CHECKOUT`. */
  readonly checkout: string;
  /** Writes a file of the machine, readable by its owner alone. */
  readonly file: (path: string, text: string) => string;
  readonly remove: (path: string) => void;
  /** @param answers by the beginning of their arguments, the first that fits; undefined: there is no such program */
  readonly program: (name: string, answers: Readonly<Record<string, Answer>> | undefined) => void;
  /** Changes an environment variable. */
  readonly set: (name: string, value: string) => void;
}

export function makeMachine(): TestMachine {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-machine-'));
  const [root, programs] = [join(folder, 'root'), join(folder, 'programs')];
  const checkout = join(root, CHECKOUT);
  for (const path of [root, programs, checkout]) mkdirSync(path, { recursive: true });
  cpSync(join(repository, 'compose'), join(checkout, 'compose'), { recursive: true });
  cpSync(join(repository, 'compose/compose.yaml'), join(checkout, 'compose.yaml'));
  writeFileSync(join(checkout, 'package.json'), '{}');
  const env: Record<string, string> = { PATH: programs, XDG_RUNTIME_DIR: join(folder, 'nothing') };
  return {
    host: openHost({ root, env, user: { uid: process.getuid?.() ?? 1000, name: 'me' } }),
    checkout,
    file: (path, text) => write(join(root, path), text),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    program: (name, answers) => {
      if (answers === undefined) return rmSync(join(programs, name), { force: true });
      chmodSync(write(join(programs, name), scriptOf(answers)), 0o755);
    },
    set: (name, value) => {
      env[name] = value;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function scriptOf(answers: Readonly<Record<string, Answer>>): string {
  const cases = Object.entries(answers).map(
    ([args, { out = '', err = '', code = 0 }]) =>
      `${quote(args)}*) printf %s ${quote(out)}; printf %s ${quote(err)} >&2; exit ${code} ;;`,
  );
  return `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\necho "unexpected: $*" >&2; exit 125\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
