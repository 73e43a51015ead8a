import { expect, it } from 'vitest';
import { explainInstallFailure } from './install-failure.mjs';

it.each([
  [
    'npm error code ENOTFOUND\nnpm error request to https://registry.example/pnpm failed',
    'registry cannot be reached',
  ],
  ['ERR_PNPM_META_FETCH_FAIL  GET https://registry.example/zod: fetch failed', 'registry cannot be reached'],
  ['ENOSPC: no space left on device, write', 'disk is full'],
  ['ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"', 'pnpm-lock.yaml does not match'],
  ["EACCES: permission denied, mkdir '/opt/xnai/node_modules'", 'cannot be written by this user'],
  ['something else', 'the installation of the workspace failed'],
])('explains %j', (output, advice) => {
  expect(explainInstallFailure(output)).toContain(advice);
  expect(explainInstallFailure(output)).toContain(output.split('\n').at(-1));
});
