import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Chain } from './chain.ts';
import { listChainFiles } from './chain-files.ts';
import { readActs, readNewestActs } from './read-acts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xnai-read-acts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const day = (number: number) => new Date(number * DAY_MS);

/** One line a day, and two lines a file. */
async function write(writer: string, days: readonly number[]): Promise<void> {
  const left = [...days];
  const now = () => day(left.shift() ?? 0);
  await using chain = await Chain.open({ folder: join(folder, writer), writer, maxFileBytes: 300, now });
  for (const number of days) await chain.append({ what: `${writer}.${number}` });
}

const newest = async (options: Parameters<typeof readNewestActs>[1]) =>
  (await readNewestActs(folder, options))?.map(({ line }) => line.what);

test('reads the newest acts of all chains, and no older file than it takes', async () => {
  await write('a', [1, 3, 5, 7, 9, 11]);
  await write('b', [2, 4, 6, 8, 10, 12]);
  const [oldest] = await listChainFiles(join(folder, 'a'));
  await rename(oldest?.path ?? '', join(folder, 'kept'));
  await mkdir(oldest?.path ?? '');
  expect(await newest({ limit: 4 })).toEqual(['b.12', 'a.11', 'b.10', 'a.9']);
  expect(await newest({ limit: 9, since: day(8) })).toEqual(['b.12', 'a.11', 'b.10', 'a.9', 'b.8']);
  await expect(newest({ limit: 12 })).rejects.toThrow('EISDIR');
});

test('keeps the order of a chain whose clock was set back, and what came after it since then', async () => {
  await write('a', [10, 2, 11, 12]);
  await write('b', [5]);
  expect((await readActs(folder)).map(({ what }) => what)).toEqual(['a.10', 'a.2', 'b.5', 'a.11', 'a.12']);
  expect(await newest({ limit: 9, since: day(10) })).toEqual(['a.12', 'a.11', 'a.10']);
});

test.each(['', 'no line of a chain\n'])('reads on past a file that begins with %j', async (text) => {
  await write('a', [1, 2, 3]);
  const { path = '' } = (await listChainFiles(join(folder, 'a'))).at(-1) ?? {};
  await writeFile(
    path.replace(/\d+(?=\D*$)/, (number) => String(Number(number) + 9).padStart(number.length, '0')),
    text,
  );
  expect(await listChainFiles(join(folder, 'a'))).toHaveLength(3);
  expect(await newest({ limit: 9, since: day(2) })).toEqual(['a.3', 'a.2']);
});

test('fails when a folder cannot be read, and passes over what is no folder of a writer', async () => {
  await write('a', [1]);
  await writeFile(join(folder, 'note'), '');
  await mkdir(join(folder, 'empty'));
  expect(await newest({ limit: 9 })).toEqual(['a.1']);
  await symlink('loop', join(folder, 'loop'));
  await expect(newest({ limit: 9 })).rejects.toThrow('ELOOP');
});

test('tells an audit without chains from one without such acts', async () => {
  expect(await readNewestActs(folder, { limit: 1 })).toBeUndefined();
  await write('a', [1]);
  expect(await readNewestActs(folder, { limit: 1, by: 'nobody' })).toEqual([]);
});
