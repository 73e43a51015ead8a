import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../setup.mjs', import.meta.url));

it('does nothing and reports nothing when everything is installed, also when several run in parallel', async () => {
  const run = () => promisify(execFile)(process.execPath, [script]);
  await run();
  const runs = [run(), run(), run()];
  for (const { stdout, stderr } of await Promise.all(runs)) expect(stdout + stderr).toBe('');
});
