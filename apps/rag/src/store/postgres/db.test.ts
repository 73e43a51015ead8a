import { expect, test } from 'vitest';
import { openPglite } from '../testing/open-pglite.ts';
import { openConnections } from './connections.ts';
import { bothOf } from './db.ts';

test('a transaction of which one part conflicts begins anew, also where the server refused the other part', async () => {
  await using server = await openPglite();
  await using connections = openConnections({ url: server.url, size: 1 });
  let begun = 0;
  const found = await connections.read(async (db) => {
    begun += 1;
    // As a table of vectors that was dropped since.
    const dense = db.get(begun === 1 ? 'SELECT 1 FROM gone' : 'SELECT 1 AS n');
    const lexical = db.get('SELECT 2 AS n');
    return await bothOf(lexical, dense);
  });
  expect([begun, found]).toEqual([2, [{ n: 2 }, { n: 1 }]]);
});
