import { beforeEach, describe, expect, test } from 'vitest';
import type { NewDocument, Store } from './store.ts';
import { newDocument } from './testing/new-document.ts';

/** What every store promises of pages of the web, whose text is kept once however many addresses it has. */
export function describeAddresses(open: () => Store, many: number): void {
  describe('pages of the web', () => {
    let store: Store;
    beforeEach(() => {
      store = open();
    });

    const key = (id: string) => ({ collection: 'default', id });
    const put = (id: string, text: string, changes: Partial<NewDocument> = {}) => {
      const { metadata = {}, url = `https://site.example/${id}` } = changes;
      return store.upsertDocument(
        newDocument(id, text, { ...changes, url, metadata: { trust: 'web', ...metadata } }),
      );
    };
    const listed = async () => (await store.listDocuments('default', { limit: 100 })).map(({ id }) => id);
    const found = async (text: string) => {
      const { lexical } = await store.search({ collection: 'default', text, k: 10 });
      return lexical.map(({ chunk }) => chunk.url);
    };

    test('with one text are one document, whose other addresses are its aliases', async () => {
      expect(await put('a', 'about walruses')).toEqual({ created: true });
      expect(await put('b', 'about walruses')).toEqual({ created: false, keptAs: 'a' });
      expect(await put('c', 'about penguins')).toEqual({ created: true });
      expect(await listed()).toEqual(['a', 'c']);
      expect(await found('walruses')).toEqual(['https://site.example/a']);
      const document = { id: 'a', aliases: ['https://site.example/b'], aliasCount: 1 };
      expect(await store.getDocument(key('a'))).toMatchObject(document);
      expect(await store.getDocument(key('b'))).toMatchObject(document);
      expect(await store.getCollection('default')).toMatchObject({ documents: 2, chunks: 2 });
    });

    test('stay apart from documents that are none, and in other collections', async () => {
      await put('a', 'about walruses');
      await store.upsertDocument(newDocument('mine', 'about walruses'));
      await put('a', 'about walruses', { collection: 'other' });
      expect(await listed()).toEqual(['a', 'mine']);
      expect(await store.getAddress(key('mine'))).toBeUndefined();
    });

    test('give their text to an alias when they go, and the last takes it along', async () => {
      for (const id of ['a', 'b', 'c']) await put(id, 'about walruses', { metadata: { etag: id } });
      expect(await store.deleteDocument(key('a'))).toBe(true);
      expect(await found('walruses')).toEqual(['https://site.example/b']);
      expect(await store.getSummary(key('b'))).toMatchObject({ metadata: { etag: 'b' } });
      expect(await store.getDocument(key('a'))).toBeUndefined();
      expect(await store.deleteDocument(key('c'))).toBe(true);
      expect(await store.deleteDocument(key('b'))).toBe(true);
      expect(await found('walruses')).toEqual([]);
      expect(await store.getCollection('default')).toMatchObject({ documents: 0, chunks: 0, bytes: 0 });
    });

    test('leave their aliases the text that they had before it changed', async () => {
      await put('a', 'about walruses');
      await put('b', 'about walruses');
      await put('a', 'about penguins');
      expect(await found('walruses')).toEqual(['https://site.example/b']);
      expect(await found('penguins')).toEqual(['https://site.example/a']);
      expect(await put('b', 'about penguins')).toEqual({ created: false, keptAs: 'a' });
      expect(await found('walruses')).toEqual([]);
      expect(await store.getCollection('default')).toMatchObject({ documents: 1, chunks: 1 });
    });

    test('that are aliases become documents when their text changes', async () => {
      await put('a', 'about walruses');
      await put('b', 'about walruses');
      expect(await put('b', 'about seals')).toEqual({ created: true });
      expect(await store.getDocument(key('a'))).toMatchObject({ aliases: [], aliasCount: 0 });
      expect(await listed()).toEqual(['a', 'b']);
    });

    test.each([
      [
        'is declared as canonical',
        'https://site.example/x?a=1',
        'https://site.example/y',
        { canonical: 'https://site.example/y' },
      ],
      ['has no parameters', 'https://site.example/p?ref=nav', 'https://site.example/p', {}],
      ['is encrypted', 'http://site.example/p', 'https://site.example/p', {}],
      ['is the folder', 'https://site.example/dir/index.html', 'https://site.example/dir/', {}],
    ])('are kept under the address that %s, whichever came first', async (_why, worse, better, metadata) => {
      await put('w', 'about walruses', { url: worse, metadata });
      await put('b', 'about walruses', { url: better });
      expect(await found('walruses')).toEqual([better]);
      await store.deleteCollection('default');
      await put('b', 'about walruses', { url: better });
      await put('w', 'about walruses', { url: worse, metadata });
      expect(await found('walruses')).toEqual([better]);
    });

    test('keep aliases when only their title changes', async () => {
      await put('a', 'about walruses', { title: 'Old' });
      await put('b', 'about walruses');
      await put('a', 'about walruses', { title: 'New', contentHash: 'new' });
      expect(await store.getDocument(key('a'))).toMatchObject({ title: 'New', aliasCount: 1 });
    });

    test('are listed with all their addresses, by id and by the beginning of their URL', async () => {
      await put('a', 'about walruses', { metadata: { etag: '"1"' }, links: ['https://site.example/b'] });
      await put('b', 'about walruses');
      await put('c', 'about seals', { url: 'https://other.example/' });
      await store.upsertDocument(newDocument('mine', 'my own', { url: 'https://site.example/mine' }));
      const page = await store.listAddresses('default', { prefix: 'https://site.example/', limit: 10 });
      expect(page).toMatchObject([
        { id: 'a', documentId: 'a', metadata: { etag: '"1"' } },
        { id: 'b', documentId: 'a' },
      ]);
      const rest = await store.listAddresses('default', { after: 'a', limit: 1 });
      expect(rest.map(({ id }) => id)).toEqual(['b']);
      expect(await store.getAddress(key('a'))).toMatchObject({ links: ['https://site.example/b'] });
      expect((await store.getAddress(key('b')))?.links).toBeUndefined();
      expect(
        await store.updateMetadata(key('b'), { metadata: { trust: 'web', etag: '"2"' }, links: [] }),
      ).toBe(true);
      expect(await store.getAddress(key('b'))).toMatchObject({ metadata: { etag: '"2"' }, links: [] });
    });

    test('may have thousands of addresses', { timeout: 60_000 }, async () => {
      await put('a', 'about walruses');
      await Promise.all(Array.from({ length: many }, (_, n) => put(`p${n}`, 'about walruses')));
      const document = await store.getDocument(key('a'));
      expect(document).toMatchObject({ aliasCount: many });
      expect(document?.aliases).toHaveLength(100);
      await store.deleteDocument(key('a'));
      expect(await store.getCollection('default')).toMatchObject({ documents: 1 });
      await put('p0', 'about penguins');
      expect(await found('walruses')).toHaveLength(1);
    });
  });
}
