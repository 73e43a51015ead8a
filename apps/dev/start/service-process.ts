import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '@xnai/ops';
import type { Env } from '@xnai/service';
import { forkChild } from '@xnai/service/child';
import { waitUntilUp } from './readiness.ts';
import type { StackPart } from './supervisor.ts';

export type ServiceName = 'rag' | 'crawler';

export interface ServiceOptions {
  readonly url: string;
  /** Settings that the starter chooses. The service reads all others from the environment of `npm start`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const exitWithParent = new URL('exit-with-parent.ts', import.meta.url).href;

/** Only the starter reads these. It gives each service logins of its own, in files. */
const WITHHELD = ['REDIS_PASSWORD', 'REDIS_PASSWORD_FILE', 'XNAI_API_KEY', 'XNAI_API_KEY_FILE'];

export function withoutWithheld(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !WITHHELD.includes(variable)));
}

/**
 * A service as a part of the stack. It writes its log directly to the starter's standard error, so that lines are not
 * mixed and the service can detect a terminal. The starter itself writes to standard output.
 */
export function servicePart(name: ServiceName, { url, env, signal }: ServiceOptions): StackPart {
  const small = smallProcess(name);
  return {
    name,
    start: (graceMs) =>
      forkChild(pathToFileURL(join(root, 'apps', name, 'src/main.ts')), {
        execArgv: [...small.args, '--import', exitWithParent],
        cwd: root,
        env: { ...small.env, ...withoutWithheld(process.env), ...env },
        stdio: ['ignore', 2, 2],
        graceMs,
      }),
    waitUntilReady: () => waitUntilUp(name, url, signal),
  };
}

/**
 * Arguments of Node and environment that halve the memory of a service: V8 collects garbage earlier, glibc has two
 * arenas instead of one for each thread, and threads load compiled code instead of the compiler that strips types. The
 * young generations are that small that helpers cost more than they bring: each collection waits until the helpers get a
 * core. Without them documents took 4 % less of the processor, and beside searches, where every core was busy, 125 and 166
 * chunks a second went in instead of 76 and 101, by turns.
 */
export function smallProcess(name: ServiceName) {
  return {
    args: [`--max-semi-space-size=${SEMI_SPACE_MIB[name]}`, '--optimize-for-size', '--no-parallel-scavenge'],
    env: { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
  };
}

/** The crawler's parent process only passes pages on. */
const SEMI_SPACE_MIB: Readonly<Record<ServiceName, number>> = { rag: 4, crawler: 1 };
