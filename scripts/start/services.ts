import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './config.ts';
import type { ChildSpec } from './supervise.ts';

const preload = new URL('exit-with-parent.ts', import.meta.url).href;

// For this script alone: the services have files with what they need to know.
const WITHHELD = ['REDIS_PASSWORD', 'REDIS_PASSWORD_FILE', 'XNAI_API_KEY', 'XNAI_API_KEY_FILE'];

// Together they halve what a service with a few threads holds: V8 lets garbage pile up, glibc keeps an arena for each
// thread, and each thread would load the compiler that strips types.
// The crawler's parent process only passes pages on.
const SMALL_HEAP = {
  rag: ['--max-semi-space-size=4', '--optimize-for-size'],
  crawler: ['--max-semi-space-size=1', '--optimize-for-size'],
};
const SMALL_PROCESS = { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') };

/**
 * A service as a child. What it logs goes to our standard error, straight from it: lines stay whole, and it sees
 * for itself whether that is a terminal. Our own messages are on standard output.
 */
export function serviceSpec(app: 'rag' | 'crawler', variables: Readonly<Record<string, string>>): ChildSpec {
  const inherited = Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name));
  return {
    name: app,
    command: process.execPath,
    args: [...SMALL_HEAP[app], '--import', preload, join(root, 'apps', app, 'src/main.ts')],
    options: {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...SMALL_PROCESS, ...Object.fromEntries(inherited), ...variables },
      stdio: ['ignore', 2, 2, 'ipc'],
    },
  };
}
