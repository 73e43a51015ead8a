import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** The machine that is looked at: its files, its programs and the user of this process. */
export interface Host {
  readonly user: { readonly uid: number; readonly name: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where an absolute path of the host lies. */
  readonly at: (path: string) => string;
  /** The text of a file; undefined when it is missing or cannot be read. */
  readonly read: (path: string) => string | undefined;
  readonly has: (path: string) => boolean;
  /** Runs a program of the `PATH`; undefined when there is none of this name. Never throws for an exit code. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<Ran | undefined>;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostOptions {
  /** Where the files of the host begin. Default: `/`. */
  readonly root?: string;
  readonly env?: Host['env'];
  readonly user?: Host['user'];
}

const RUN_MS = 60_000;
const MAX_OUTPUT = 64 * 2 ** 20;

export function openHost({ root = '/', env, user = currentUser() }: HostOptions = {}): Host {
  // biome-ignore lint/style/noProcessEnv: programs of the user run in the environment of the user
  const variables = env ?? process.env;
  const at = (path: string) => join(root, path);
  return {
    user,
    env: variables,
    at,
    has: (path) => existsSync(at(path)),
    read: (path) => {
      try {
        return readFileSync(at(path), 'utf8');
      } catch {
        return undefined;
      }
    },
    run: (program, ...args) => run(program, args, variables),
  };
}

function run(program: string, args: readonly string[], env: Host['env']): Promise<Ran | undefined> {
  const options = { env, timeout: RUN_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT } as const;
  return new Promise((resolve) => {
    execFile(program, [...args], options, (error, stdout, stderr) => {
      // EACCES: a folder of the PATH that this user cannot look into.
      if (error?.code === 'ENOENT' || error?.code === 'EACCES') return resolve(undefined);
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      const note = error?.killed === true ? `no answer within ${RUN_MS / 1000} s` : '';
      resolve({ code, stdout, stderr: stderr || note });
    });
  });
}

/** A user without an entry in the list of users has its id for a name. */
function currentUser(): Host['user'] {
  const uid = process.getuid?.() ?? -1;
  try {
    return { uid, name: userInfo().username };
  } catch {
    return { uid, name: String(uid) };
  }
}
