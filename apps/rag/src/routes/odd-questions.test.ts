import { ChatCompletionRequest, QueryResponse } from '@xnai/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

const WALRUS = `# Walrus

The walrus is a large animal of the cold seas.

## Food

It eats clams and other shellfish, which it finds with its whiskers.`;
const LONG = `The fox is a small wild animal. ${'It lives in woods and fields and near the houses of people. '.repeat(30)}`;
const QUESTION = 'What does the walrus eat?';

let rag: TestRag;
beforeAll(async () => {
  rag = await openTestRag();
  await rag.put('walrus', WALRUS);
  await rag.put('fox', `# Fox\n\n${LONG}`);
});
afterAll(() => rag[Symbol.asyncDispose]());

async function ask(query: string): Promise<QueryResponse> {
  const { status, body } = await rag.call('POST', '/v1/query', { query });
  expect(status).toBe(200);
  return QueryResponse.parse(body);
}

async function streamed(query: string): Promise<string> {
  const { body } = await rag.app.inject({
    method: 'POST',
    url: '/v1/query',
    headers: { ...AUTH, 'content-type': 'application/json' },
    payload: JSON.stringify({ query, stream: true }),
  });
  return [...body.matchAll(/^event: token\ndata: (.*)$/gm)]
    .map(([, data = '']) => JSON.parse(data).text)
    .join('');
}

async function chat(query: string): Promise<string> {
  const messages = [
    { role: 'user', content: QUESTION },
    { role: 'assistant', content: 'Clams. [1]' },
    { role: 'user', content: query },
  ];
  const request = ChatCompletionRequest.parse({ model: 'rag', messages });
  const { status, body } = await rag.call('POST', '/v1/chat/completions', request);
  expect(status).toBe(200);
  return body.choices[0].message.content;
}

describe('a question with a core is answered', () => {
  it.each([
    ['within signs', `??? *** ${QUESTION} --- !!!`],
    ['with marks of direction', `\u202e${QUESTION}\u202c \u2066\u200f`],
    ['with halves of surrogate pairs', `\ud800 ${QUESTION} \udc00`],
    ['with invisible characters in its words', 'What does the wal\u00adrus e\u200bat?'],
    ['with a word of another script in it', 'What does the walrus (海象) eat?'],
    ['at the end of a document', `${LONG.slice(0, 1_900)} ${QUESTION}`],
    ['in wide letters', 'Ｗhat does the ｗａｌｒｕｓ eat?'],
  ])('%s', async (_, query) => {
    const { mode, answer, citations } = await ask(query);
    expect({ mode, answer }).toMatchObject({ mode: 'extractive', answer: expect.stringContaining('clams') });
    expect(citations[0]).toMatchObject({ document_id: 'walrus' });
    expect(await streamed(query)).toBe(answer);
  });
});

describe('a question without a core gets none', () => {
  it.each([
    ['of signs', '?!… --- *** (((('],
    ['of marks of direction', '\u202e\u2066\u2069\u202c?'],
    ['of halves of surrogate pairs', '\ud800\ud800 \udfff?'],
    ['of emoji', '🦭🦭🦭?'],
    ['of 2,000 characters of one word', 'x'.repeat(2_000)],
    ['of 2,000 characters of one letter with marks', `e${'\u0301'.repeat(1_999)}`],
    ['of a word that nothing holds, over and over', 'zebra '.repeat(333)],
    ['of function words in a row', 'and or but if the of to a'],
    ['of function words that ask', 'Who is it?'],
  ])('%s', async (_, query) => {
    const { mode, answer, citations } = await ask(query);
    expect({ mode, citations }).toEqual({ mode: 'none', citations: [] });
    expect(await streamed(query)).toBe(answer);
  });
});

it('a question of function words is answered where they stand in a row', async () => {
  await rag.put('play', '# Plays\n\nThe speech begins with "To be, or not to be". It is said by a prince.');
  const { answer } = await ask('To be or not to be?');
  expect(answer).toContain('To be, or not to be');
  await rag.call('DELETE', '/v1/collections/default/documents/play');
});

describe('a question of a chat', () => {
  it.each([['Why?'], ['?!…'], ['\ud800'], ['\u202eit\u202c'], ['it '.repeat(600)], ['x'.repeat(1_990)]])(
    'that is odd is answered or refused in words: %j',
    async (query) => {
      expect((await chat(query)).length).toBeGreaterThan(0);
    },
  );
});
