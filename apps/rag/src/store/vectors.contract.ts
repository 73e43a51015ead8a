import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from './store.ts';
import { DIMENSIONS, directionOf } from './testing/directions.ts';
import { newDocument } from './testing/new-document.ts';
import type { VectorSet } from './vectors.ts';

/** What every store promises of its vectors; part of `describeStore`. The store may have a set of an earlier test. */
export function describeVectors(open: () => Store): void {
  describe('vectors', () => {
    let store: Store;
    let set: VectorSet;
    let sets = 0;
    const newSet = (dimensions = DIMENSIONS): VectorSet => {
      sets += 1;
      return { id: `set ${sets}`, model: `model ${sets}`, dimensions };
    };
    beforeEach(async () => {
      store = open();
      set = newSet();
      await store.vectors.begin(set);
    });

    const put = (id: string, text: string, changes: Parameters<typeof newDocument>[2] = {}) =>
      store.upsertDocument(newDocument(id, text, changes));
    /** Makes all vectors that are pending: each text has the direction of its last word. */
    const embed = async (into = set) => {
      const embedded: string[] = [];
      for (;;) {
        const texts = await store.vectors.pending(10);
        if (texts.length === 0) return embedded;
        embedded.push(...texts.map(({ text }) => text));
        const vectors = texts.map(({ hash, text }) => ({ hash, vector: directionOf(text, into.dimensions) }));
        await store.vectors.put(into.id, vectors);
      }
    };
    const near = async (
      word: string,
      more: Partial<Parameters<Store['search']>[0]> = {},
      of: VectorSet = set,
    ) => {
      const vector = { set: of.id, values: directionOf(word, of.dimensions) };
      const { dense } = await store.search({ collection: 'default', k: 10, vector, ...more });
      return dense?.map(({ chunk }) => chunk.documentId);
    };
    const counts = async (collection?: string) => {
      const { made } = await store.vectors.stats(collection);
      return made && [made.embedded, made.pending, made.quarantined];
    };

    test('are asked for by the title, headings and text of a chunk, and are searched with the text', async () => {
      await put('a', '# Guide\n\n## Seals\n\nabout walruses');
      await put('b', 'about penguins');
      expect(await store.vectors.pending(10)).toMatchObject([
        { collection: 'default', text: 'Guide\nSeals\nabout walruses' },
        { text: 'about penguins' },
      ]);
      await embed();
      const vector = { set: set.id, values: directionOf('walruses', set.dimensions) };
      const found = await store.search({ collection: 'default', k: 10, text: 'penguins', vector });
      expect(found.lexical.map(({ chunk }) => chunk.documentId)).toEqual(['b']);
      expect(found.dense?.map(({ chunk }) => chunk.documentId)).toEqual(['a', 'b']);
      expect(found.dense?.[0]?.score).toBeCloseTo(1, 2);
      expect(found.dense?.[0]?.chunk).toMatchObject({ heading: ['Guide', 'Seals'], text: 'about walruses' });
    });

    test('come with the oldest text first, and no more than asked for', async () => {
      for (const id of ['c', 'a', 'b']) await put(id, `about ${id}`);
      const texts = await store.vectors.pending(2);
      expect(texts.map(({ text }) => text)).toEqual(['about c', 'about a']);
    });

    test('are made once for each text, whatever chunks and collections have it', async () => {
      for (const id of ['a', 'b']) await put(id, 'about walruses');
      await put('c', 'about walruses', { collection: 'other' });
      expect(await embed()).toEqual(['about walruses']);
      await put('d', 'about walruses');
      expect(await store.vectors.pending(10)).toEqual([]);
      expect(await near('walruses')).toEqual(['a', 'b', 'd']);
      expect(await near('walruses', { collection: 'other' })).toEqual(['c']);
      await store.deleteDocument({ collection: 'default', id: 'a' });
      await store.deleteCollection('other');
      expect(await near('walruses')).toEqual(['b', 'd']);
      expect(await counts()).toEqual([2, 0, 0]);
    });

    test('are gone with the chunks, and asked for again with the text', async () => {
      await put('a', 'about walruses');
      await put('b', 'about penguins');
      await embed();
      await store.deleteDocument({ collection: 'default', id: 'a' });
      expect(await near('walruses')).toEqual(['b']);
      expect(await store.vectors.pending(10)).toEqual([]);
      await put('a', 'about walruses');
      expect(await embed()).toEqual(['about walruses']);
      await store.deleteCollection('default');
      expect(await counts()).toEqual([0, 0, 0]);
    });

    test('of a document that is replaced stay with the texts that it still has', async () => {
      await put('a', '## One\n\nabout walruses\n\n## Two\n\nabout seals');
      await embed();
      await put('a', '## Zero\n\nabout penguins\n\n## Two\n\nabout seals');
      expect(await counts()).toEqual([1, 1, 0]);
      const vector = { set: set.id, values: directionOf('seals', set.dimensions) };
      const { dense } = await store.search({ collection: 'default', k: 10, vector });
      expect(dense?.map(({ chunk }) => [chunk.ordinal, chunk.text])).toEqual([[1, 'about seals']]);
      expect(await embed()).toEqual(['Zero\nabout penguins']);
    });

    test('are fused with the words where a share is given: the best of both, each once', async () => {
      await put('a', 'about walruses');
      await put('b', 'walruses and penguins');
      await put('c', 'about seals');
      await embed();
      const values = directionOf('seals', set.dimensions);
      const query = {
        collection: 'default',
        text: 'walruses',
        vector: { set: set.id, values },
        joinAmong: 10,
      };
      const fused = async (weight: number, k: number) =>
        (await store.search({ ...query, k, share: { weight } })).fused?.map(({ chunk }) => chunk.documentId);
      expect(await fused(0.9, 1)).toEqual(['c']);
      expect(await fused(0.1, 1)).toEqual(['a']);
      expect((await fused(0.9, 10))?.toSorted()).toEqual(['a', 'b', 'c']);
      const other = { ...query, vector: { set: 'of none', values }, k: 10, share: { weight: 0.9 } };
      const { lexical, dense, fused: none } = await store.search(other);
      expect([lexical.length, dense, none]).toEqual([2, undefined, undefined]);
    });

    test('give k hits where there are k, whatever filters and collections leave out', async () => {
      for (let n = 0; n < 600; n += 1) await put(`a${n}`, `${n} about walruses`);
      for (let n = 0; n < 5; n += 1) await put(`b${n}`, `${n} about seals`, { metadata: { keep: true } });
      await put('c', 'about penguins', { collection: 'other' });
      await embed();
      expect(await near('walruses', { k: 3 })).toEqual(['a0', 'a1', 'a2']);
      expect(await near('walruses', { k: 5, filter: { keep: true } })).toEqual([
        'b0',
        'b1',
        'b2',
        'b3',
        'b4',
      ]);
      expect(await near('walruses', { k: 5, filter: { keep: false } })).toEqual([]);
      expect(await near('walruses', { collection: 'other' })).toEqual(['c']);
    });

    test('are counted, in all and by collection', async () => {
      await put('a', 'about walruses');
      await put('b', 'about penguins', { collection: 'other' });
      const [first] = await store.vectors.pending(1);
      await store.vectors.put(set.id, [
        { hash: first?.hash ?? '', vector: directionOf('walruses', set.dimensions) },
      ]);
      expect(await counts()).toEqual([1, 1, 0]);
      expect(await counts('default')).toEqual([1, 0, 0]);
      expect(await counts('other')).toEqual([0, 1, 0]);
      await expect(counts('none')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    });

    test('of a text that is quarantined are not asked for again, in no chunk that has it', async () => {
      await put('a', 'about walruses');
      const [text] = await store.vectors.pending(1);
      const given = { hash: text?.hash ?? '', reason: 'longer than the context' };
      await store.vectors.quarantine(set.id, given);
      await put('b', 'about walruses');
      await put('c', 'about penguins');
      await put('d', 'about walruses', { collection: 'other' });
      const each = async () => [await counts(), await counts('default'), await counts('other')];
      expect(await each()).toEqual([
        [0, 1, 3],
        [0, 1, 2],
        [0, 0, 1],
      ]);
      expect(await embed()).toEqual(['about penguins']);
      expect(await each()).toEqual([
        [1, 0, 3],
        [1, 0, 2],
        [0, 0, 1],
      ]);
      const { reason } = given;
      expect(await store.vectors.quarantined('default', 10)).toEqual([
        { documentId: 'a', ordinal: 0, reason },
        { documentId: 'b', ordinal: 0, reason },
      ]);
      expect(await store.vectors.quarantined('default', 1)).toHaveLength(1);
      expect(await near('walruses')).toEqual(['c']);
    });

    test('of texts that were read in parts are counted, by collection and by set', async () => {
      await put('a', 'about walruses');
      await put('b', 'about penguins');
      await put('c', 'about penguins', { collection: 'other' });
      const [first, second] = await store.vectors.pending(2);
      const vector = directionOf('walruses', set.dimensions);
      await store.vectors.put(set.id, [
        { hash: first?.hash ?? '', vector },
        { hash: second?.hash ?? '', vector, isDivided: true },
      ]);
      await put('d', 'about penguins');
      const each = async () =>
        await Promise.all([undefined, 'default', 'other'].map((name) => store.vectors.divided(name)));
      expect(await each()).toEqual([3, 2, 1]);
      await store.deleteDocument({ collection: 'default', id: 'b' });
      expect(await each()).toEqual([2, 1, 1]);
      await expect(store.vectors.divided('none')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
      await store.vectors.begin(newSet());
      expect(await each()).toEqual([0, 0, 0]);
    });

    test('are gone when they are discarded, until others are begun', async () => {
      await put('a', 'about walruses');
      await embed();
      await store.vectors.begin(newSet());
      expect(await store.vectors.discard()).toBe(true);
      expect(await store.vectors.stats()).toEqual({ searched: undefined, made: undefined });
      expect(await near('walruses')).toBeUndefined();
      await put('b', 'about penguins');
      expect(await store.vectors.pending(10)).toEqual([]);
      await expect.poll(() => store.vectors.discard(), { timeout: 10_000 }).toBe(false);
      set = newSet();
      await store.vectors.begin(set);
      expect(await embed()).toEqual(['about walruses', 'about penguins']);
      expect(await near('walruses', { k: 1 })).toEqual(['a']);
    });

    test.each([
      ['of other dimensions', (dimensions: number) => new Float32Array(dimensions + 1).fill(1)],
      ['with a number that is none', (dimensions: number) => new Float32Array(dimensions).fill(Number.NaN)],
      ['of zeros', (dimensions: number) => new Float32Array(dimensions)],
    ])('%s are refused, and the text stays pending', async (_what, make) => {
      await put('a', 'about walruses');
      const [text] = await store.vectors.pending(1);
      const unfit = [{ hash: text?.hash ?? '', vector: make(set.dimensions) }];
      await expect(store.vectors.put(set.id, unfit)).rejects.toMatchObject({ code: 'VECTOR_UNFIT' });
      expect(await counts()).toEqual([0, 1, 0]);
      expect(await embed()).toEqual(['about walruses']);
    });

    test('of a text that is gone meanwhile are kept for nothing', async () => {
      await put('a', 'about walruses');
      const [text] = await store.vectors.pending(1);
      await store.deleteDocument({ collection: 'default', id: 'a' });
      const vector = directionOf('walruses', set.dimensions);
      await store.vectors.put(set.id, [{ hash: text?.hash ?? '', vector }]);
      expect(await counts()).toEqual([0, 0, 0]);
    });

    test('change what the collection is searched by, so that its generation is another', async () => {
      await put('a', 'about walruses');
      await put('b', 'about penguins');
      const before = (await store.getCollection('default'))?.generation;
      const [text] = await store.vectors.pending(1);
      const vector = directionOf('walruses', set.dimensions);
      await store.vectors.put(set.id, [{ hash: text?.hash ?? '', vector }]);
      const partly = (await store.getCollection('default'))?.generation;
      expect(partly).not.toBe(before);
      await embed();
      const embedded = (await store.getCollection('default'))?.generation;
      expect(embedded).not.toBe(partly);
      expect(await near('walruses', { k: 1 })).toEqual(['a']);
      expect((await store.getCollection('default'))?.generation).toBe(embedded);
    });

    test('keep what a check of a collection found, until the collection or the set is deleted', async () => {
      const check = (of: VectorSet, collection: string, found = '{"weight":0.3}') => ({
        ...{ collection, set: of.id, chunks: 7, checkedAt: '2026-01-02T03:04:05.678Z', found },
      });
      const kept = async () => (await store.vectors.checks()).filter(({ set: of }) => of !== 'of none');
      const names = async () => (await kept()).map((one) => `${one.set}: ${one.collection}`).sort();
      await put('a', 'about walruses');
      await put('b', 'about penguins', { collection: 'other' });
      await embed();
      for (const name of ['default', 'other', 'none']) await store.vectors.keepCheck(check(set, name));
      await store.vectors.keepCheck({ ...check(set, 'default'), set: 'of none' });
      expect(await names()).toEqual([`${set.id}: default`, `${set.id}: other`]);
      const generation = (await store.getCollection('default'))?.generation;
      await store.vectors.keepCheck(check(set, 'default', '{"weight":0.9}'));
      expect((await store.getCollection('default'))?.generation).toBe(generation);
      expect(await kept()).toContainEqual(check(set, 'default', '{"weight":0.9}'));

      await store.deleteCollection('other');
      await put('b', 'about penguins', { collection: 'other' });
      expect(await names()).toEqual([`${set.id}: default`]);
      await embed();
      const next = newSet();
      await store.vectors.begin(next);
      await store.vectors.keepCheck(check(next, 'default'));
      expect(await names()).toEqual([`${set.id}: default`, `${next.id}: default`].sort());
      await embed(next);
      expect(await names()).toEqual([`${next.id}: default`]);
    });

    describe('of another set', () => {
      test('are made beside the old ones, which are kept until the new ones are whole; each is searched by its own', async () => {
        for (const id of ['a', 'b', 'c']) await put(id, `about ${id}`);
        await embed();
        const next = newSet(96);
        await store.vectors.begin(next);
        const [first] = await store.vectors.pending(1);
        await store.vectors.put(next.id, [{ hash: first?.hash ?? '', vector: directionOf('a', 96) }]);
        expect(await store.vectors.stats()).toMatchObject({
          searched: { id: set.id, embedded: 3 },
          made: { id: next.id, embedded: 1, pending: 2 },
        });
        expect(await near('a')).toHaveLength(3);
        expect(await near('a', {}, next)).toEqual(['a']);
        await embed(next);
        expect(await store.vectors.stats()).toMatchObject({
          searched: { id: next.id },
          made: { id: next.id },
        });
        expect(await near('a')).toBeUndefined();
        expect(await near('a', {}, next)).toHaveLength(3);
      });

      test('do not take vectors of the old one, nor its quarantine', async () => {
        await put('a', 'about walruses');
        const [text] = await store.vectors.pending(1);
        const next = newSet();
        await store.vectors.begin(next);
        const vector = directionOf('walruses', set.dimensions);
        await store.vectors.put(set.id, [{ hash: text?.hash ?? '', vector }]);
        await store.vectors.quarantine(set.id, { hash: text?.hash ?? '', reason: 'old' });
        expect(await counts()).toEqual([0, 1, 0]);
        expect(await store.vectors.quarantined('default', 10)).toEqual([]);
      });

      test('are given up when the old set is begun again, and only what came meanwhile is pending', async () => {
        await put('a', 'about walruses');
        await embed();
        await store.vectors.begin(newSet());
        await put('b', 'about penguins');
        await store.vectors.begin(set);
        expect(await counts()).toEqual([1, 1, 0]);
        expect(await embed()).toEqual(['about penguins']);
        expect(await near('walruses')).toEqual(['a', 'b']);
      });

      test('are whole at once where there is no chunk', async () => {
        const next = newSet();
        await store.vectors.begin(next);
        expect(await store.vectors.stats()).toMatchObject({
          searched: { id: next.id },
          made: { id: next.id },
        });
      });

      test('are whole as soon as the last text that was pending is deleted', async () => {
        await put('a', 'about walruses');
        expect(await store.vectors.stats()).toMatchObject({ searched: { id: set.id, pending: 1 } });
        const next = newSet();
        await store.vectors.begin(next);
        await store.deleteDocument({ collection: 'default', id: 'a' });
        expect(await store.vectors.stats()).toMatchObject({ searched: { id: next.id, pending: 0 } });
      });
    });
  });
}
