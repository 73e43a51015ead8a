import { expect, test } from 'vitest';
import { openPostgresStore } from '../postgres-store.ts';
import { newDocument } from '../testing/new-document.ts';
import { openPglite } from '../testing/open-pglite.ts';

test('an alias that a transfer takes away takes its links along', async () => {
  await using server = await openPglite();
  await using store = await openPostgresStore({ url: server.url, connections: 1 });
  const at = '2026-01-01T00:00:00.000Z';
  const url = 'https://site.example/b';
  const web = { trust: 'web' };
  const common = { url, title: undefined, contentHash: 'x', metadata: web, updatedAt: at };
  const document = { ...newDocument('a', 'walrus', { metadata: web }), updatedAt: at, blocksVersion: 1 };
  const imported = { ...document, links: undefined };
  await store.importDocument({ ...imported, aliases: [{ ...common, id: 'b', links: [url] }] });
  const address = () => store.getAddress({ collection: 'default', id: 'b' });
  expect(await address()).toMatchObject({ links: [url] });
  await store.importDocument({ ...imported, aliases: [] });
  expect(await address()).toBeUndefined();
  await store.upsertDocument(newDocument('b', 'a seal', { url, metadata: web }));
  expect((await address())?.links).toBeUndefined();
});
