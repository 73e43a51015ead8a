import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killWhilePacking } from './testing/kill-while-packing.ts';

test('twenty kills during backups lose no finished backup', async () => {
  const root = await mkdtemp(join(tmpdir(), 'xnai-kills-'));
  expect(await killWhilePacking({ root, rounds: 20 })).toEqual({ killed: 20, lost: 0 });
  await rm(root, { recursive: true });
});
