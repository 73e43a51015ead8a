import { QueryResponse } from '@xnai/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

const WALRUS = `# Walrus

The walrus is a large animal of the cold seas.

## Food

It eats clams and other shellfish, which it finds with its whiskers.`;

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
  await rag.put('walrus', WALRUS, { url: 'https://example.org/walrus', metadata: { lang: 'en' } });
  await rag.put('fox', '# Fox\n\nA fox is a small wild animal of the dog family.', {
    metadata: { lang: 'en' },
  });
});
afterAll(() => rag[Symbol.asyncDispose]());

const query = (body: object) => rag.call('POST', '/v1/query', body);

async function streamed(body: object): Promise<readonly { event: string; data: unknown }[]> {
  const { body: text, headers } = await rag.app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { ...AUTH, 'content-type': 'application/json' },
    payload: { ...body, stream: true },
  });
  expect(headers['content-type']).toMatch(/^text\/event-stream/);
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data),
  }));
}

describe('a query without a model', () => {
  it('is answered in the words of the documents, with exact citations', async () => {
    const { status, body } = await query({ query: 'What does the walrus eat?' });
    expect(status).toBe(200);
    const answer = QueryResponse.parse(body);
    expect(answer).toMatchObject({ mode: 'extractive', degraded: [], retrieval: { mode: 'lexical' } });
    expect(answer.answer).toMatch(/It eats clams .* whiskers\. \[1\]/);
    const { body: document } = await rag.call('GET', '/v1/collections/default/documents/walrus');
    expect(answer.citations.length).toBeGreaterThan(0);
    for (const { quote, start, end, verified } of answer.citations) {
      expect(document.text.slice(start, end)).toBe(quote);
      expect(verified).toBe(true);
    }
  });

  it('is answered with none where a thing that it names is missing, with what comes nearest', async () => {
    const { body } = await query({ query: 'What do walruses of class 99 eat?' });
    expect(body).toMatchObject({
      mode: 'none',
      answer: 'Nothing that was found in the collection "default" mentions "class 99".',
      citations: [],
      missing: ['class 99'],
    });
    expect(body.nearest[0]).toMatchObject({ index: 1, document_id: 'walrus', verified: false });
    expect(body.nearest[0].quote).toMatch(/It eats clams/);
  });

  it('is answered with none, and says so, when nothing stored is about it', async () => {
    const { status, body } = await query({ query: 'How do I restart PostgreSQL?' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      mode: 'none',
      answer: 'Nothing in the collection "default" answers this question.',
      citations: [],
    });
  });

  it('looks only where its filter allows', async () => {
    const { body } = await query({ query: 'What does the walrus eat?', filter: { lang: 'fr' } });
    expect(body.mode).toBe('none');
  });

  it('is refused when it insists on a model, or names no collection that exists', async () => {
    expect(await query({ query: 'walrus?', mode: 'generative' })).toMatchObject({
      status: 503,
      body: { code: 'MODEL_NOT_READY' },
    });
    expect(await query({ query: 'walrus?', collection: 'nowhere' })).toMatchObject({
      status: 404,
      body: { code: 'COLLECTION_NOT_FOUND', detail: expect.stringContaining('first document makes it') },
    });
    expect((await query({ query: 'walrus?', top_k: 0 })).status).toBe(400);
    expect((await query({ query: 'walrus?', depth: 3 })).body.code).toBe('VALIDATION');
  });

  it('takes operators and quotes for words', async () => {
    for (const text of ['walrus" OR NEAR(eat', 'walrus* AND ^food:', '"', '\u0000 walrus', '((((']) {
      expect((await query({ query: text })).status).toBe(200);
    }
  });
});

describe('a streamed query', () => {
  it('sends the sources first, then the answer, then all of it; a number means the same in each', async () => {
    const events = await streamed({ query: 'What does the walrus eat?' });
    expect(events[0]?.event).toBe('sources');
    expect(events.at(-1)?.event).toBe('done');
    const tokens = events.slice(1, -1);
    expect(tokens.every(({ event }) => event === 'token')).toBe(true);
    const done = QueryResponse.parse(events.at(-1)?.data);
    expect(tokens.map(({ data }) => (data as { text: string }).text).join('')).toBe(done.answer);
    const { citations } = (events[0]?.data ?? {}) as Pick<QueryResponse, 'citations'>;
    expect(citations.slice(0, done.citations.length)).toEqual(done.citations);
    expect(citations.map(({ index }) => index)).toEqual(citations.map((_, position) => position + 1));
  });

  it('says none in a stream, too', async () => {
    const events = await streamed({ query: 'How do I restart PostgreSQL?' });
    expect(events.map(({ event }) => event)).toEqual(['sources', 'token', 'done']);
    expect(events.at(-1)?.data).toMatchObject({ mode: 'none' });
  });

  it('fails as an ordinary error before its first event', async () => {
    const answer = await query({ query: 'walrus?', mode: 'generative', stream: true });
    expect(answer).toMatchObject({ status: 503, body: { code: 'MODEL_NOT_READY' } });
  });
});
