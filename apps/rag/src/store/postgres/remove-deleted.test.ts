import { expect, test } from 'vitest';
import type { Connections } from './connections.ts';
import { fromPostgres } from './postgres-failure.ts';
import { removeDeleted } from './remove-deleted.ts';

test('words that a search still reads are dropped later, and another fault ends it', async () => {
  const refused = (code: string) => fromPostgres(Object.assign(new Error('refused'), { code }));
  const run = async (faults: unknown[]) => {
    const write = async () => {
      if (faults.length > 0) throw faults.shift();
      return 'none';
    };
    await removeDeleted({ write } as unknown as Connections);
    return faults.length;
  };
  expect(await run([refused('55P03')])).toBe(0);
  await expect(run([refused('XX000')])).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
