import { expect, test } from 'vitest';
import { requireServer } from '../migrate.ts';
import { MIGRATIONS } from '../schema.ts';
import { readStats } from '../stats.ts';
import { readTextsearch } from './tables.ts';

test('an extension that is old is not used, and one that the server has not loaded is refused', async () => {
  const db = (row: Record<string, unknown> | undefined) => ({
    get: async (sql: string) => (sql.includes('pg_textsearch') ? row : { version: '17', reads: false }),
    all: async () => [],
    run: async () => 0,
    atEnd: () => {},
  });
  const kindOf = async (row: Record<string, unknown> | undefined) => (await readTextsearch(db(row))).kind;
  expect(await kindOf(undefined)).toBe('absent');
  expect(await kindOf({ version: '1.4.0', library: '1.4.0' })).toBe('old');
  expect(await kindOf({ version: '1.10.0', library: '1.10.0', is_visible: true })).toBe('usable');
  expect(await kindOf({ version: '1.5.1', library: '1.5.1', is_visible: false })).toBe('elsewhere');
  const notLoaded = { version: '1.5.1', library: null };
  expect(await kindOf(notLoaded)).toBe('not loaded');
  await expect(requireServer(db(notLoaded))).rejects.toThrow('shared_preload_libraries');
  await requireServer(db(undefined));
  // Also where the server started anew without it.
  const running = { ...db(notLoaded), all: async () => [{ name: 'format' }] };
  const format = { version: MIGRATIONS.length };
  const get = async (sql: string) => (sql.includes('xnai.format') ? format : running.get(sql));
  await expect(readStats({ ...running, get })).rejects.toMatchObject({ code: 'STORE_UNFIT' });
});
