import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killWhileCopying } from './testing/kill-while-copying.ts';

test('twenty kills during copies lose no finished snapshot', async () => {
  const root = await mkdtemp(join(tmpdir(), 'xnai-kills-'));
  expect(await killWhileCopying({ root, rounds: 20 })).toEqual({ killed: 20, lost: 0 });
  await rm(root, { recursive: true });
});
