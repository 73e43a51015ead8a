import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Every address of both families leads to this machine, so that the listeners of these tests are at all of them. */
const NETWORK =
  'ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo && exec "$@"';
const ROOT = new URL('../../..', import.meta.url).pathname;
const FILES = [
  ['packages/egress', 'src/forbidden-targets.test.ts'],
  ['packages/egress', 'src/proxy/open-egress.test.ts'],
  ['apps/crawler', 'src/ways-in.test.ts'],
  ['apps/crawler', 'src/browser/forbidden-from-page.test.ts'],
] as const;

it.each(FILES)('%s: %s holds where a listener is at every address', { timeout: 900_000 }, (folder, file) => {
  const vitest = [
    process.execPath,
    `${ROOT}node_modules/vitest/vitest.mjs`,
    'run',
    '--config',
    `${ROOT}vitest.config.ts`,
    file,
  ];
  const env = { ...process.env, XNAI_TEST: 'unit' };
  const run = spawnSync('unshare', ['-rn', 'sh', '-c', NETWORK, 'sh', ...vitest], {
    cwd: `${ROOT}${folder}`,
    env,
  });
  expect(`${run.stdout}`).toContain('1 passed');
  expect(run.status).toBe(0);
});
