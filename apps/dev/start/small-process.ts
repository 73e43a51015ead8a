import { join } from 'node:path';
import { root } from './config.ts';

export type App = 'rag' | 'crawler';

export interface SmallProcess {
  /** Of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How a service's process is kept small. Together this halves what one with a few threads holds: V8 lets garbage pile
 * up, glibc keeps an arena for each thread, and each thread would load the compiler that strips types.
 */
export function smallProcess(app: App): SmallProcess {
  return {
    args: [`--max-semi-space-size=${SEMI_SPACE_MIB[app]}`, '--optimize-for-size'],
    env: { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
  };
}

/** The crawler's parent process only passes pages on. */
const SEMI_SPACE_MIB: Readonly<Record<App, number>> = { rag: 4, crawler: 1 };
