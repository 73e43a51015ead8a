import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/open-test-models.ts';
import { fingerprintFile } from './fingerprint-file.ts';

const directory = makeTestDirectory();
afterAll(() => directory.remove());
const file = (name: string) => join(directory.path, name);

const HEAD_BYTES = 10_000;
const SIZE = 5 * 2 ** 20;
writeFileSync(file('model'), Buffer.alloc(SIZE, 'weights'));

async function fingerprintWith(change: (bytes: Buffer) => Buffer | undefined): Promise<string> {
  const bytes = readFileSync(file('model'));
  writeFileSync(file('changed'), change(bytes) ?? bytes);
  return fingerprintFile([file('changed')], HEAD_BYTES);
}

it('stays the same when the file is moved, and differs in size, head or weights', async () => {
  const own = await fingerprintFile([file('model')], HEAD_BYTES);
  copyFileSync(file('model'), file('copy'));
  expect(await fingerprintFile([file('copy')], HEAD_BYTES)).toBe(own);
  expect(await fingerprintWith((bytes) => bytes.subarray(1))).not.toBe(own);
  expect(await fingerprintWith((bytes) => bytes.fill(0, HEAD_BYTES - 1, HEAD_BYTES))).not.toBe(own);
  expect(await fingerprintWith((bytes) => bytes.fill(0, SIZE / 2))).not.toBe(own);
});

it('depends on each part of a model in several files', async () => {
  const whole = await fingerprintFile([file('model'), file('model')], HEAD_BYTES);
  expect(await fingerprintFile([file('model')], HEAD_BYTES)).not.toBe(whole);
});
