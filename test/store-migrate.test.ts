import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runXnai } from '@xnai/cli';
import { openSqliteStore } from '@xnai/rag/sqlite-store';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
const named = (name: string) => `sqlite:${join(folder, name)}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-migrate-'));
  await using store = await openSqliteStore({ path: join(folder, 'from.sqlite') });
  for (const id of ['a', 'b']) await store.upsertDocument(newDocument(id));
});
afterAll(() => rmSync(folder, { recursive: true }));

function newDocument(id: string) {
  const text = `About ${id}.`;
  const chunk = { ordinal: 0, start: 0, end: text.length, text, heading: [], context: '', blocks: undefined };
  const reading = { text, inline: 'none' as const, details: { anchors: {}, losses: [] }, chunks: [chunk] };
  const named = {
    collection: 'default',
    id,
    title: undefined,
    url: undefined,
    contentHash: id,
    metadata: {},
  };
  return { ...named, ...reading, contentType: 'text/plain' };
}

async function migrate(...words: string[]) {
  const printed: string[] = [];
  const ignore = () => undefined;
  const code = await runXnai(['store', 'migrate', ...words], {
    print: (text) => void printed.push(text),
    write: ignore,
    say: (text) => void printed.push(text),
    status: ignore,
    confirm: async () => false,
    signal: new AbortController().signal,
  }).catch((error: Error) => error.message);
  return [code, printed.join('\n')];
}

it('brings all documents of an index to a new one, and says so', async () => {
  const words = ['--from', named('from.sqlite'), '--to', named('to.sqlite')];
  expect(await migrate(...words)).toEqual([
    0,
    `2 documents with 2 chunks are in the target: 2 brought, in 2 passes.
Each document is in the target with the same hash, and the counts are equal.`,
  ]);
  const [code, json] = await migrate(...words, '--json');
  expect([code, JSON.parse(String(json))]).toMatchObject([0, { copied: 0, passes: 1, isWhole: true }]);
});

it('names what is wrong with its stores, and changes nothing', async () => {
  const from = named('from.sqlite');
  const newer = new DatabaseSync(join(folder, 'newer.sqlite'));
  newer.exec('PRAGMA application_id = 0x786e6169; PRAGMA user_version = 999');
  newer.close();
  const refused = async (a: string, b: string) => (await migrate('--from', a, '--to', b))[0];
  const [missing, same, form, tooNew] = await Promise.all([
    refused(named('nothing.sqlite'), named('x.sqlite')),
    refused(from, `${named('.')}/from.sqlite`),
    refused(from, 'oracle://db'),
    refused(named('newer.sqlite'), named('x.sqlite')),
  ]);
  expect(missing).toMatch(/there is no index at .*nothing\.sqlite/);
  expect(same).toMatch(/--from and --to are both sqlite:/);
  expect(form).toMatch(/a store is sqlite:PATH or postgres:.*, and no oracle/);
  expect(tooNew).toMatch(/written by a newer version/);
  expect(await migrate('--from', from)).toEqual([
    2,
    expect.stringContaining('Both --from and --to are needed'),
  ]);
});
