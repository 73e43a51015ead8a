import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { shortenPath } from './short-path.ts';

function makeFolder(name: string): string {
  const parent = mkdtempSync(join(tmpdir(), 'xnai-short-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

test('a short path stays as it is', async () => {
  const folder = makeFolder('a');
  await using short = await shortenPath(folder);
  expect(short.path).toBe(folder);
});

test('a long path gets a short link, which is gone after disposal while the folder stays', async () => {
  const folder = makeFolder('long'.repeat(20));
  const short = await shortenPath(folder);
  expect(short.path.length).toBeLessThanOrEqual(61);
  expect(realpathSync(short.path)).toBe(realpathSync(folder));
  await short[Symbol.asyncDispose]();
  expect(existsSync(short.path)).toBe(false);
  expect(existsSync(folder)).toBe(true);
});

test('the link of a killed process goes once its folder is gone, and a living one stays', async () => {
  const folder = makeFolder('long'.repeat(20));
  const dead = '/tmp/xnai-00000000000000ff';
  rmSync(dead, { force: true });
  symlinkSync('/nowhere/at/all', dead);
  await using first = await shortenPath(folder);
  await using second = await shortenPath(folder);
  expect(() => realpathSync(dead)).toThrow();
  expect([first, second].map(({ path }) => realpathSync(path))).toEqual([folder, folder]);
});
