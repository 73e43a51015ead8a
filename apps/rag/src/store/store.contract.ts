import { analyse } from '@xnai/text/analyse';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeAddresses } from './addresses.contract.ts';
import type { Store } from './store.ts';
import { newDocument } from './testing/new-document.ts';
import { describeVectors } from './vectors.contract.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens it again over what it kept. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

export interface DescribeStoreOptions {
  /** How many addresses one text has. Default: 10,000. */
  readonly addresses?: number;
  /** Of documents and of search by words alone: for another way to find terms in a store that passes the whole. */
  readonly isOfTerms?: boolean;
}

/** What every store promises, whatever keeps its data. */
export function describeStore(
  name: string,
  open: () => Promise<StoreUnderTest>,
  { addresses = 10_000, isOfTerms = false }: DescribeStoreOptions = {},
): void {
  describe(name, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    // Opening takes far longer than emptying.
    beforeEach(async () => {
      for (const found of await store.listCollections({ limit: 100 }))
        await store.deleteCollection(found.name);
    });
    afterAll(() => under.dispose());

    const describeOthers = isOfTerms ? () => {} : describe;
    if (!isOfTerms) {
      describeAddresses(() => store, addresses);
      describeVectors(() => store);
    }

    const a = { collection: 'default', id: 'a' };
    const search = async (text: string, more: Partial<Parameters<Store['search']>[0]> = {}) => {
      const { lexical } = await store.search({ collection: 'default', text, k: 10, ...more });
      return lexical.map(({ chunk }) => chunk.documentId);
    };

    describe('documents', () => {
      test('come back as they were put', async () => {
        const put = newDocument('a', '# Guide\n\nOne é 😀.\n\n## Next\n\n- two\n- three\n\n', {
          url: 'https://example.org/a',
          metadata: { lang: 'en', stars: 3, draft: false },
        });
        expect(await store.upsertDocument(put)).toEqual({ created: true });
        const found = await store.getDocument(a);
        expect(found).toMatchObject(put);
        expect(found?.bytes).toBe(Buffer.byteLength(put.text));
        for (const { start, end, text } of found?.chunks ?? [])
          expect(found?.text.slice(start, end)).toBe(text);
      });

      test('without a title or url have none', async () => {
        await store.upsertDocument(newDocument('a', 'plain'));
        expect(await store.getSummary(a)).toMatchObject({ title: undefined, url: undefined, chunkCount: 1 });
      });

      test('are replaced as a whole: nothing of the old text is found', async () => {
        await store.upsertDocument(newDocument('a', 'about walruses'));
        expect(await store.upsertDocument(newDocument('a', 'about penguins'))).toEqual({ created: false });
        expect(await search('walruses')).toEqual([]);
        expect(await search('penguins')).toEqual(['a']);
        expect(await store.getCollection('default')).toMatchObject({ documents: 1, chunks: 1 });
      });

      test('are gone once deleted, and can be put again', async () => {
        await store.upsertDocument(newDocument('a', 'about walruses'));
        expect(await store.deleteDocument(a)).toBe(true);
        expect(await store.deleteDocument(a)).toBe(false);
        expect(await store.getDocument(a)).toBeUndefined();
        expect(await search('walruses')).toEqual([]);
        await store.upsertDocument(newDocument('a', 'about walruses'));
        expect(await search('walruses')).toEqual(['a']);
      });

      test('with the same id in two collections are two', async () => {
        await store.upsertDocument(newDocument('a', 'first'));
        await store.upsertDocument(newDocument('a', 'second', { collection: 'other' }));
        await store.deleteDocument(a);
        expect(await store.getDocument({ collection: 'other', id: 'a' })).toMatchObject({ text: 'second' });
      });

      test('are listed by id, page by page', async () => {
        for (const id of ['b', 'a', 'C', 'd']) await store.upsertDocument(newDocument(id, `text of ${id}`));
        const first = await store.listDocuments('default', { limit: 3 });
        expect(first.map(({ id }) => id)).toEqual(['C', 'a', 'b']);
        const rest = await store.listDocuments('default', { after: 'b', limit: 3 });
        expect(rest.map(({ id }) => id)).toEqual(['d']);
      });

      test('outlive the store that was closed', async () => {
        await store.upsertDocument(newDocument('a', 'about walruses'));
        store = await under.reopen();
        expect(await search('walruses')).toEqual(['a']);
        expect(await store.getDocument(a)).toMatchObject({ text: 'about walruses' });
      });
    });

    describeOthers('metadata', () => {
      test('is replaced alone, and the filter follows', async () => {
        await store.upsertDocument(newDocument('a', 'text', { metadata: { lang: 'en' } }));
        expect(await store.updateMetadata(a, { metadata: { lang: 'de' } })).toBe(true);
        expect(await store.getSummary(a)).toMatchObject({ metadata: { lang: 'de' } });
        expect(await search('text', { filter: { lang: 'en' } })).toEqual([]);
        expect(await search('text', { filter: { lang: 'de' } })).toEqual(['a']);
      });

      test('of an unknown document is not kept', async () => {
        expect(await store.updateMetadata(a, { metadata: { lang: 'de' } })).toBe(false);
        expect(await store.listCollections({ limit: 10 })).toEqual([]);
      });
    });

    describeOthers('collections', () => {
      test('count what they hold', async () => {
        await store.upsertDocument(newDocument('a', '# One\n\nx\n\n## Two\n\ny'));
        await store.upsertDocument(newDocument('b', 'é'));
        expect(await store.getCollection('default')).toMatchObject({ documents: 2, chunks: 3, bytes: 21 });
        await store.deleteDocument(a);
        expect(await store.getCollection('default')).toMatchObject({ documents: 1, chunks: 1, bytes: 2 });
        expect(await store.stats()).toMatchObject({ collections: 1, documents: 1, chunks: 1 });
      });

      test('are listed by name, page by page', async () => {
        for (const collection of ['b', 'a', 'c'])
          await store.upsertDocument(newDocument('x', 'x', { collection }));
        const first = await store.listCollections({ limit: 2 });
        expect(first.map(({ name: found }) => found)).toEqual(['a', 'b']);
        const rest = await store.listCollections({ after: 'b', limit: 2 });
        expect(rest.map(({ name: found }) => found)).toEqual(['c']);
      });

      test('are gone with all they held, and can be made again', async () => {
        await store.upsertDocument(newDocument('a', 'about walruses'));
        expect(await store.deleteCollection('default')).toBe(true);
        expect(await store.deleteCollection('default')).toBe(false);
        expect(await store.getDocument(a)).toBeUndefined();
        await store.upsertDocument(newDocument('b', 'about penguins'));
        expect(await search('walruses penguins')).toEqual(['b']);
      });

      test('have another generation after every write, and the same one without', async () => {
        const web = (url: string) => ({ url, metadata: { trust: 'web' } });
        const seen = new Set<string | undefined>();
        const writes = [
          () => store.upsertDocument(newDocument('a', 'x')),
          () => store.upsertDocument(newDocument('a', 'y')),
          () => store.updateMetadata(a, { metadata: { lang: 'en' } }),
          () => store.upsertDocument(newDocument('b', 'z', web('https://example.org/b'))),
          () => store.upsertDocument(newDocument('c', 'z', web('https://example.org/c?d'))),
          () => store.deleteDocument({ collection: 'default', id: 'c' }),
          () => store.deleteDocument(a),
          async () => {
            await store.deleteCollection('default');
            await store.upsertDocument(newDocument('a', 'x'));
          },
        ];
        for (const write of writes) {
          await write();
          await store.upsertDocument(newDocument('a', 'x', { collection: 'other' }));
          await search('x');
          const generation = (await store.getCollection('default'))?.generation;
          expect((await store.getCollection('default'))?.generation).toBe(generation);
          seen.add(generation);
        }
        expect(seen.size).toBe(writes.length);
        store = await under.reopen();
        expect(seen).toContain((await store.getCollection('default'))?.generation);
      });

      test('that are unknown are said to be, in lists, searches and counts', async () => {
        const unknown = { code: 'COLLECTION_NOT_FOUND' };
        await expect(store.listDocuments('default', { limit: 1 })).rejects.toMatchObject(unknown);
        await expect(search('x')).rejects.toMatchObject(unknown);
        await expect(store.termStatistics('default', ['x'])).rejects.toMatchObject(unknown);
        expect(await store.getCollection('default')).toBeUndefined();
        expect(await store.getChunks('default', [{ documentId: 'a', ordinal: 0 }])).toEqual([]);
      });
    });

    describeOthers('chunks', () => {
      test('are given in the order asked, with their document; those that do not exist are left out', async () => {
        await store.upsertDocument(newDocument('a', '# T\n\none\n\n## U\n\ntwo\n\n## V\n\nthree'));
        const refs = [2, 9, 0].map((ordinal) => ({ documentId: 'a', ordinal }));
        const found = await store.getChunks('default', refs);
        expect(found.map(({ text, heading, title }) => [text, heading, title])).toEqual([
          ['three', ['T', 'V'], 'T'],
          ['one', ['T'], 'T'],
        ]);
      });
    });

    describe('search', () => {
      test('gives the best chunk first, with a higher score', async () => {
        await store.upsertDocument(newDocument('a', 'a walrus among many other animals of the cold seas'));
        await store.upsertDocument(newDocument('b', 'walrus walrus'));
        await store.upsertDocument(newDocument('c', 'penguins'));
        const { lexical, dense } = await store.search({ collection: 'default', text: 'walrus', k: 10 });
        expect(lexical.map(({ chunk }) => chunk.documentId)).toEqual(['b', 'a']);
        expect(lexical[0]?.score).toBeGreaterThan(lexical[1]?.score ?? 0);
        expect(dense).toBeUndefined();
      });

      test('finds other forms of a word, whatever its case and accents', async () => {
        await store.upsertDocument(newDocument('a', 'Les cafés étaient connected'));
        expect(await search('CAFE')).toEqual(['a']);
        expect(await search('connections')).toEqual(['a']);
      });

      test('finds capitals of mathematics by plain letters, and by the initials of a name of them', async () => {
        await store.upsertDocument(newDocument('a', 'of 𝗤𝘂𝗶𝗰𝗸 𝗕𝗿𝗼𝘄𝗻 𝗙𝗼𝘅, and 𝗧𝗵𝗲 𝗤𝘂𝗶𝗰𝗸 𝗕𝗿𝗼𝘄𝗻 𝗙𝗼𝘅.'));
        for (const text of ['quick fox', '𝗤𝘂𝗶𝗰𝗸', 'qbf']) expect(await search(text)).toEqual(['a']);
      });

      test('finds a chunk by its title and headings, and values the title more', async () => {
        await store.upsertDocument(newDocument('a', '# Walrus\n\nabout animals of the sea'));
        await store.upsertDocument(newDocument('b', 'about the walrus of the sea'));
        await store.upsertDocument(newDocument('c', '## Penguins\n\ncold birds'));
        expect(await search('walrus')).toEqual(['a', 'b']);
        expect(await search('penguins')).toEqual(['c']);
      });

      test('does not find the address behind a link of Markdown, but every word of plain text', async () => {
        const text = 'See [the guide](docs/harbour/walrus.html).';
        await store.upsertDocument(newDocument('a', text));
        await store.upsertDocument(newDocument('b', text, { contentType: 'text/plain' }));
        expect(await search('walrus')).toEqual(['b']);
        expect((await search('guide')).sort()).toEqual(['a', 'b']);
      });

      test('gives two of those with the same text, and says how many more there are among the best', async () => {
        for (const id of ['a', 'b', 'c', 'd']) await store.upsertDocument(newDocument(id, 'about walruses'));
        await store.upsertDocument(newDocument('e', 'about walruses and seals'));
        const given = async (joinAmong: number | undefined) => {
          const { lexical } = await store.search({
            collection: 'default',
            text: 'walruses',
            k: 3,
            joinAmong,
          });
          return lexical.map(({ chunk, copies }) => [chunk.documentId, copies]);
        };
        const [first, second] = [
          ['a', 2],
          ['b', undefined],
        ];
        expect(await given(50)).toEqual([first, second, ['e', undefined]]);
        expect(await given(4)).toEqual([first, second]);
        expect(await given(undefined)).toEqual([['a', undefined], second, ['c', undefined]]);
      });

      test('gives at most k hits', async () => {
        for (const id of ['a', 'b', 'c']) await store.upsertDocument(newDocument(id, `walrus ${id}`));
        expect(await search('walrus', { k: 2 })).toHaveLength(2);
      });

      test.each([
        ['a value', { lang: 'en' }, ['a', 'b']],
        ['one of several', { lang: ['de', 'fr'] }, ['c']],
        ['several keys at once', { lang: 'en', stars: 5 }, ['b']],
        ['a number, also as its text', { stars: '5' }, ['b']],
        ['true or false', { draft: false }, ['a']],
        ['a key that nobody has', { nope: 1 }, []],
      ])('keeps to a filter by %s', async (_, filter, expected) => {
        await store.upsertDocument(
          newDocument('a', 'x', { metadata: { lang: 'en', stars: 3, draft: false } }),
        );
        await store.upsertDocument(
          newDocument('b', 'x', { metadata: { lang: 'en', stars: 5, draft: true } }),
        );
        await store.upsertDocument(newDocument('c', 'x', { metadata: { lang: 'de' } }));
        expect((await search('x', { filter })).sort()).toEqual(expected);
      });

      test.each([
        ['a range of numbers, also as texts', { stars: { gt: 3, lte: 5 } }, ['b', 'd']],
        ['a range that takes its bounds in', { stars: { gte: 3, lt: 4.5 } }, ['a']],
        ['a bound as text', { stars: { gte: '4.5' } }, ['b', 'd']],
        [
          'a day, which is all of its hours',
          { at: { gte: '2024-05-31', lte: '2024-05-31' } },
          ['a', 'b', 'c'],
        ],
        ['behind a day', { at: { gt: '2024-05-31' } }, ['d']],
        ['an instant in another zone', { at: { gt: '2024-05-31T14:30:00+02:00' } }, ['c', 'd']],
        ['what it is not, or lacks', { lang: { not: 'en' } }, ['c', 'd']],
        ['none of several', { lang: { not: ['en', 'de'] } }, ['d']],
        ['not a range', { stars: { not: { lt: 4 } } }, ['b', 'c', 'd']],
        ['a list', { lang: { in: ['de', 'fr'] } }, ['c']],
        ['a field that is there', { lang: { exists: true } }, ['a', 'b', 'c']],
        ['a field that is not there', { stars: { exists: false } }, ['c']],
        ['alternatives', { any: [{ lang: 'de' }, { stars: 3 }] }, ['a', 'c']],
        [
          'alternatives within alternatives',
          { any: [{ all: [{ lang: 'en' }, { not: { draft: true } }] }, { not: { lang: { exists: true } } }] },
          ['a', 'd'],
        ],
        ['a range over texts and dates', { mixed: { gt: 1 } }, ['b']],
        ['a day over numbers and texts', { mixed: { gte: '1970-01-01' } }, ['c']],
        ['a field with the name of a combination', { any: ['x', 'y'], not: true }, ['d']],
      ])('keeps to a filter by %s', async (_, filter, expected) => {
        const all = {
          a: { lang: 'en', stars: 3, draft: false, at: '2024-05-31', mixed: 'many' },
          b: { lang: 'en', stars: 5, draft: true, at: '2024-05-31T12:30:00Z', mixed: 2 },
          c: { lang: 'de', at: '2024-05-31T23:59:59.999', mixed: '2024-02-29' },
          d: { stars: '4.5', at: '2024-06-01T01:00:00+01:00', mixed: true, any: 'x', not: true },
        };
        for (const [id, metadata] of Object.entries(all))
          await store.upsertDocument(newDocument(id, 'x', { metadata }));
        expect((await search('x', { filter })).sort()).toEqual(expected);
      });

      test('gives k hits although others match better, when a filter leaves those out', async () => {
        for (const id of ['a', 'b', 'c']) await store.upsertDocument(newDocument(id, 'walrus walrus'));
        await store.upsertDocument(newDocument('d', 'a walrus among others', { metadata: { keep: true } }));
        expect(await search('walrus', { k: 1, filter: { keep: true } })).toEqual(['d']);
      });

      test.each([
        'walrus AND penguin',
        'NOT walrus',
        'walrus"',
        '"walrus',
        'walrus*',
        'body : walrus',
        'NEAR(walrus penguin, 2)',
        '(walrus',
        '^walrus -penguin + {title}',
        "walrus'; DROP TABLE chunks; --",
      ])('takes every sign for text: %s', async (text) => {
        await store.upsertDocument(newDocument('a', 'the walrus'));
        expect(await search(text)).toEqual(['a']);
      });

      test.each(['', '   ', '?!*"', '\0', '🙂'])('finds nothing where there is no word: %j', async (text) => {
        await store.upsertDocument(newDocument('a', 'the walrus'));
        expect(await search(text)).toEqual([]);
      });

      test('finds common words when there are no others', async () => {
        await store.upsertDocument(newDocument('a', 'To be or not to be'));
        expect(await search('to be or not to be')).toEqual(['a']);
      });

      test('takes a question of 2,000 characters', async () => {
        await store.upsertDocument(newDocument('a', 'x walrus'));
        expect(await search(`walrus ${'x '.repeat(996)}`)).toEqual(['a']);
      });

      test('takes a question that is a document, and half of a character', async () => {
        await store.upsertDocument(newDocument('a', 'lone \ud800 walrus'));
        const words = Array.from({ length: 600 }, (_, n) => `${n.toString(36)}q`).join(' ');
        expect(await search(`walrus ${words}`)).toEqual(['a']);
        expect(await search('\udc00 walrus \ud800')).toEqual(['a']);
      });

      test('weighs words by the collection they are in', async () => {
        const rare = newDocument('a', 'gnu');
        const common = newDocument('b', 'yak');
        for (const document of [rare, common]) await store.upsertDocument(document);
        for (let n = 0; n < 20; n += 1) await store.upsertDocument(newDocument(`yak${n}`, 'yak'));
        for (let n = 0; n < 200; n += 1) {
          await store.upsertDocument(newDocument(`gnu${n}`, 'gnu', { collection: 'other' }));
        }
        const { lexical } = await store.search({ collection: 'default', text: 'gnu yak', k: 30 });
        expect(lexical[0]?.chunk.documentId).toBe('a');
      });
    });

    test('counts the chunks that hold a word, in any of its forms', async () => {
      await store.upsertDocument(newDocument('a', '# Walrus\n\none\n\n## More\n\ntwo walruses'));
      await store.upsertDocument(newDocument('b', 'penguin'));
      const terms = ['walrus', 'penguins', 'nope'].map((word) => analyse(word)[0]?.term ?? word);
      const statistics = await store.termStatistics('default', [...terms, '"*']);
      expect(statistics).toEqual({ chunks: 3, frequencies: [2, 1, 0, 0] });
    });

    describeOthers('many at once', () => {
      test('writes side by side all arrive, whole', async () => {
        const documents = Array.from({ length: 200 }, (_, n) =>
          newDocument(`d${n}`, `# T${n}\n\nwalrus number${n}`),
        );
        await Promise.all(documents.map((document) => store.upsertDocument(document)));
        expect(await store.stats()).toMatchObject({ documents: 200, chunks: 200 });
        for (const n of [0, 99, 199]) expect(await search(`number${n}`)).toEqual([`d${n}`]);
      });

      test('a read during writes sees a document whole or not at all', async () => {
        const versions = ['old', 'new'].map((word) =>
          newDocument('a', Array.from({ length: 50 }, (_, n) => `## S${n}\n\n${word}`).join('\n\n')),
        );
        let isDone = false;
        const writing = (async () => {
          for (let n = 0; n < 20; n += 1) await store.upsertDocument(versions[n % 2] ?? newDocument('a', ''));
          isDone = true;
        })();
        let reads = 0;
        while (!isDone) {
          const found = await store.getDocument(a);
          if (found === undefined) continue;
          reads += 1;
          expect(new Set(found.chunks.map(({ text }) => text)).size).toBe(1);
          expect(found.chunks).toHaveLength(50);
        }
        await writing;
        expect(reads).toBeGreaterThan(0);
      });

      test('what was aborted before it began is not done', async () => {
        const reason = new Error('not wanted');
        const controller = new AbortController();
        const busy = store.upsertDocument(newDocument('busy', 'walrus '.repeat(50_000)));
        await Promise.resolve();
        await Promise.resolve();
        const late = store.upsertDocument(newDocument('late', 'walrus'), { signal: controller.signal });
        controller.abort(reason);
        await expect(late).rejects.toBe(reason);
        await busy;
        expect(await store.getDocument({ collection: 'default', id: 'late' })).toBeUndefined();
        await expect(store.getDocument(a, { signal: controller.signal })).rejects.toBe(reason);
      });

      test('a closed store ends what was asked before, and refuses the rest', async () => {
        const before = store.upsertDocument(newDocument('a', 'walrus'));
        await Promise.resolve();
        await Promise.resolve();
        await store.close();
        expect(await before).toEqual({ created: true });
        await expect(store.getDocument(a)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
        await expect(store.deleteDocument(a)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
        store = await under.reopen();
        expect(await store.getDocument(a)).toMatchObject({ text: 'walrus' });
      });
    });
  });
}
