import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { forkChild } from '@xnai/service/child';
import { root } from './config.ts';
import { waitUntilUp } from './readiness.ts';
import type { Part } from './supervisor.ts';

export type ServiceName = 'rag' | 'crawler';

export interface ServiceOptions {
  readonly url: string;
  /** Settings that the starter decides; the service reads all others from the environment of `npm start`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const exitWithParent = new URL('exit-with-parent.ts', import.meta.url).href;

/** Only the starter needs these: it gives each service its own logins in files. */
const WITHHELD = ['REDIS_PASSWORD', 'REDIS_PASSWORD_FILE', 'XNAI_API_KEY', 'XNAI_API_KEY_FILE'];

/**
 * A service as a part of the stack. Its log goes straight to the starter's standard error, so that lines stay whole
 * and the service sees whether that is a terminal; the starter itself writes to standard output.
 */
export function servicePart(name: ServiceName, { url, env, signal }: ServiceOptions): Part {
  const inherited = Object.entries(process.env).filter(([variable]) => !WITHHELD.includes(variable));
  const small = smallProcess(name);
  return {
    name,
    start: (graceMs) =>
      forkChild(pathToFileURL(join(root, 'apps', name, 'src/main.ts')), {
        execArgv: [...small.args, '--import', exitWithParent],
        cwd: root,
        env: { ...small.env, ...Object.fromEntries(inherited), ...env },
        stdio: ['ignore', 2, 2],
        graceMs,
      }),
    waitUntilReady: () => waitUntilUp(name, url, signal),
  };
}

export interface SmallProcess {
  /** Arguments of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How to start a service with little memory. Together these halve what a process with a few threads takes: V8 collects
 * garbage earlier, glibc has two arenas and not one for each thread, and threads load compiled code and not the
 * compiler that strips types.
 */
export function smallProcess(name: ServiceName): SmallProcess {
  return {
    args: [`--max-semi-space-size=${SEMI_SPACE_MIB[name]}`, '--optimize-for-size'],
    env: { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
  };
}

/** The crawler's parent process only passes pages on. */
const SEMI_SPACE_MIB: Readonly<Record<ServiceName, number>> = { rag: 4, crawler: 1 };
