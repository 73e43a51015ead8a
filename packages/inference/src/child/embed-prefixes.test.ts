import { expect, it } from 'vitest';
import { findPrefixes } from './embed-prefixes.ts';

const SENTENCE = 'Represent this sentence for searching relevant passages: ';
const INSTRUCT = /^Instruct: Given a web search query, .*\nQuery:$/;
const named = (...names: (string | undefined)[]) => findPrefixes({ architecture: 'bert', names });

it.each([
  ['bge-small-en-v1.5', SENTENCE, ''],
  ['BGE Base En v1.5', SENTENCE, ''],
  ['mxbai-embed-large-v1', SENTENCE, ''],
  ['snowflake-arctic-embed-xs', SENTENCE, ''],
  ['Snowflake Arctic Embed M v1.5', SENTENCE, ''],
  ['snowflake-arctic-embed-m-v2.0', 'query: ', ''],
  ['Snowflake/snowflake-arctic-embed-l-v2.0', 'query: ', ''],
  ['nomic-embed-text-v1.5', 'search_query: ', 'search_document: '],
  ['nomic-embed-text-v2-moe', 'search_query: ', 'search_document: '],
  ['Embeddinggemma 300M', 'task: search result | query: ', 'title: none | text: '],
  ['intfloat/multilingual-e5-small', 'query: ', 'passage: '],
  ['e5_base_v2', 'query: ', 'passage: '],
  ['granite-embedding-small-english-r2', '', ''],
  ['granite-embedding-97m-multilingual-r2', '', ''],
  ['granite-embedding-311m-multilingual-r2', '', ''],
  ['bge-m3', '', ''],
  ['all-MiniLM-L6-v2', '', ''],
])('gives %s the prefixes of its card', (name, query, document) => {
  expect(named(name)).toEqual({ query, document });
});

it('tells the instructions of Qwen3 and of E5 from the short prefixes, to the space', () => {
  expect(named('Qwen3 Embedding 0.6B').query).toMatch(INSTRUCT);
  expect(named('multilingual-e5-large-instruct').query.slice(0, -1)).toMatch(INSTRUCT);
  expect(named('multilingual-e5-large-instruct')).toEqual({
    query: expect.stringMatching(/Query: $/),
    document: '',
  });
});

it('goes by the architecture of a file without a name, and by the first name that says the family', () => {
  expect(findPrefixes({ architecture: 'gemma-embedding', names: [] }).document).toBe('title: none | text: ');
  expect(named(undefined, 'd8fb21ca8d90', 'acme/bge-small-en-v1.5-gguf').query).toBe(SENTENCE);
  expect(named('nomic-embed-text-v1.5', 'acme/my-e5-small').query).toBe('search_query: ');
});
