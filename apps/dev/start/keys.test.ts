import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, listKeys } from '@xnai/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isKnown, prepareKeys } from './keys.ts';

const audit = { record: async () => ({ seq: 1 }) };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xnai-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('each start replaces the keys of the stack, and no key of a user, whatever its name', async () => {
  const file = join(folder, 'keys.json');
  const files = { crawlerKeyFile: join(folder, 'rag-key'), cliKeyFile: join(folder, 'cli-key'), audit };
  const read = async () => [files.crawlerKeyFile, files.cliKeyFile].map((path) => readFile(path, 'utf8'));
  const names = ['commands', 'crawler', 'prometheus'];
  for (const name of names) await createKey(file, { name, scopes: ['query'] }, audit);
  // As versions before this one left it.
  await createKey(file, { name: 'crawler', scopes: ['web'], exempt: true }, audit);

  await prepareKeys(file, undefined, files);
  const before = await Promise.all(await read());
  await prepareKeys(file, undefined, files);
  const after = await Promise.all(await read());

  const left = (await listKeys(file)).map(({ name }) => name);
  expect(left).toEqual([...names, 'xnai:crawler', 'xnai:commands']);
  for (const key of before) expect(await isKnown(file, key.trim())).toBe(false);
  for (const key of after) expect(await isKnown(file, key.trim())).toBe(true);
});
