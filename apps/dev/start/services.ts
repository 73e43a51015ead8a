import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './config.ts';
import { type App, smallProcess } from './small-process.ts';
import type { ChildSpec } from './supervise.ts';

const preload = new URL('exit-with-parent.ts', import.meta.url).href;

// For this script alone: the services have files with what they need to know.
const WITHHELD = ['REDIS_PASSWORD', 'REDIS_PASSWORD_FILE', 'XNAI_API_KEY', 'XNAI_API_KEY_FILE'];

/**
 * A service as a child. What it logs goes to our standard error, straight from it: lines stay whole, and it sees
 * for itself whether that is a terminal. Our own messages are on standard output.
 */
export function serviceSpec(app: App, variables: Readonly<Record<string, string>>): ChildSpec {
  const inherited = Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name));
  const small = smallProcess(app);
  return {
    name: app,
    command: process.execPath,
    args: [...small.args, '--import', preload, join(root, 'apps', app, 'src/main.ts')],
    options: {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...small.env, ...Object.fromEntries(inherited), ...variables },
      stdio: ['ignore', 2, 2, 'ipc'],
    },
  };
}
