import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
  await rag.put('walrus', '# Walrus\n\nA large animal of the cold seas.\n\n## Food\n\nIt eats clams.', {
    url: 'https://example.org/walrus',
    metadata: { lang: 'en', size: 3 },
  });
  await rag.put('morse', '# Morse\n\nUn grand animal: walrus en anglais.', { metadata: { lang: 'fr' } });
});
afterAll(() => rag[Symbol.asyncDispose]());

const search = (body: object) => rag.call('POST', '/v1/search', body);

describe('search', () => {
  test('gives ranked chunks with all that a citation needs', async () => {
    const { status, body } = await search({ query: 'What does a walrus eat?' });
    expect(status).toBe(200);
    expect(body.results[0]).toEqual({
      rank: 1,
      score: expect.any(Number),
      document_id: 'walrus',
      chunk_id: 'walrus#1',
      url: 'https://example.org/walrus',
      title: 'Walrus',
      heading: ['Walrus', 'Food'],
      text: 'It eats clams.',
      start: 53,
      end: 67,
      metadata: { lang: 'en', size: 3 },
    });
    const scores = body.results.map(({ score }: { score: number }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(body.results.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3]);
    const took_ms = expect.any(Number);
    expect(body.retrieval).toEqual({
      mode: 'lexical',
      legs: { lexical: { took_ms } },
      reranked: false,
      took_ms,
    });
    // Models that nobody configured are not missed.
    expect(body.degraded).toEqual([]);
  });

  test('keeps to top_k and to the filter', async () => {
    expect((await search({ query: 'walrus', top_k: 1 })).body.results).toHaveLength(1);
    const { body } = await search({ query: 'walrus', filter: { lang: ['fr', 'de'] } });
    expect(body.results.map((one: { document_id: string }) => one.document_id)).toEqual(['morse']);
  });

  test('finds nothing where there is nothing, and says so without error', async () => {
    expect(await search({ query: 'zeppelin' })).toMatchObject({ status: 200, body: { results: [] } });
    expect(await search({ query: '?!' })).toMatchObject({ status: 200, body: { results: [] } });
  });

  test('takes a word that nothing holds for its nearest spelling, and says so', async () => {
    const { body } = await search({ query: 'Which animla is large?' });
    expect(body.results[0]).toMatchObject({ document_id: 'walrus' });
    expect(body.searched).toBe('Which animal is large?');
    expect((await search({ query: 'large animal' })).body).not.toHaveProperty('searched');
    const asked = await rag.call('POST', '/v1/query', { query: 'Which animla is large?' });
    expect(asked.body).toMatchObject({
      searched: 'Which animal is large?',
      answer: expect.stringMatching(/^Showing results for "Which animal is large\?"\.\n\nA large animal/),
    });
  });

  test.each(['Wie alt ist die Tier?', 'Où est le renardeau ?', 'Hoe maak ik een animatie?'])(
    'takes no word of another language for a misspelt one: %s',
    async (query) => {
      expect((await search({ query })).body).not.toHaveProperty('searched');
    },
  );

  test.each(['dense', 'hybrid'])(
    'in mode %s without an embedder is refused, with a time to try again',
    async (mode) => {
      const answer = await search({ query: 'walrus', mode });
      expect(answer).toMatchObject({ status: 503, body: { code: 'EMBEDDER_NOT_READY' } });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    },
  );

  test('in mode lexical needs none', async () => {
    expect(await search({ query: 'walrus', mode: 'lexical' })).toMatchObject({
      status: 200,
      body: { degraded: [] },
    });
  });

  test('takes a number and its text for the same value in a filter', async () => {
    for (const size of [3, '3', ['4', '3']]) {
      const { body } = await search({ query: 'walrus', filter: { size } });
      expect(body.results[0]?.document_id).toBe('walrus');
    }
    expect((await search({ query: 'walrus', filter: { size: '03' } })).body.results).toEqual([]);
  });

  test('fills top_k where enough chunks pass the filter, however many match better', async () => {
    for (let n = 0; n < 30; n += 1) {
      const metadata = { shelf: n, added: n < 20 ? '2023-12-31' : '2024-01-01T00:00:00Z' };
      await rag.put(
        `shelf-${n}`,
        `A heron ${n < 20 ? 'and a heron' : 'stands among many other birds'} ${n}.`,
        { metadata },
      );
    }
    const filter = { added: { gt: '2023-12-31' }, any: [{ shelf: { lt: 28 } }, { shelf: 29 }] };
    const { body } = await search({ query: 'heron', top_k: 9, filter });
    expect(body.results).toHaveLength(9);
    for (const { metadata } of body.results) expect(metadata.shelf).toBeGreaterThanOrEqual(20);
  });

  test('says where a filter is wrong, and what was expected', async () => {
    const filter = { any: [{ year: { $gte: 2020 } }, { at: { lt: 'May' } }] };
    const { body } = await search({ query: 'walrus', filter });
    expect(body).toMatchObject({ code: 'VALIDATION' });
    expect(body.errors).toEqual([
      { path: 'filter.any.0.year.$gte', message: 'unknown operator; did you mean gte?' },
      {
        path: 'filter.any.1.at.lt',
        message: 'expected a number, or a date such as 2024-05-31 or 2024-05-31T12:00:00Z',
      },
    ]);
  });

  test('keeps no list in metadata, which a filter could not compare', async () => {
    const answer = await rag.put('tags', 'A wren.', { metadata: { tags: ['a', 'b'] } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'metadata.tags' }] } });
  });

  test('sends only the beginning of large metadata, and says so', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 99 }, (_, nth) => [`key${nth}`, 'v'.repeat(90)]),
    );
    await rag.put('crane', 'The crane lifts nine tons.', { metadata });
    const { body } = await search({ query: 'crane tons' });
    expect(body.results[0]).toMatchObject({ document_id: 'crane', metadata_cut: true });
    expect(body.results[0].metadata).toHaveProperty('key0');
    expect(body.results[0].metadata).not.toHaveProperty('key98');
  });

  test('gives two of several chunks with the same text, and counts the others', async () => {
    for (const copy of ['a', 'b', 'c', 'd'])
      await rag.put(`ferry-${copy}`, 'The ferry to Hanko costs 12 euros.');
    await rag.put('ferry-children', 'Children take the ferry for 6 euros.');
    const { body } = await search({ query: 'ferry to Hanko', top_k: 3 });
    expect(body.results.map(({ copies }: { copies?: number }) => copies)).toEqual([2, undefined, undefined]);
    expect(body.results[2].document_id).toBe('ferry-children');
  });
});
