import { describe, expect, it } from 'vitest';
import type { RetrievedChunk } from '../retrieve.ts';
import { verifyAnswer } from './verify.ts';

function source(documentId: string, text: string, start = 0): RetrievedChunk {
  const chunk = { documentId, ordinal: 0, start, end: start + text.length, text, heading: [], context: '' };
  return { chunk: { ...chunk, title: undefined, url: undefined, metadata: {} }, score: 1 };
}

const SOURCES = [
  source('limits', 'Uploads are checked. The upload limit is 20 MB for each file.', 50),
  source('names', 'File names may hold letters, digits and dashes.'),
];

function verify(answer: string) {
  const { citations, unsupported } = verifyAnswer(answer, SOURCES);
  return {
    citations: citations.map(({ index, document_id, quote, verified }) => ({
      index,
      document_id,
      quote,
      verified,
    })),
    unsupported: unsupported.map(({ start, end }) => answer.slice(start, end)),
  };
}

describe('a generated answer', () => {
  it('is checked sentence by sentence, and cites the statement that supports it', () => {
    expect(verify('The upload limit is 20 MB [1]. Names may hold digits. [2]')).toEqual({
      citations: [
        {
          index: 1,
          document_id: 'limits',
          quote: 'The upload limit is 20 MB for each file.',
          verified: true,
        },
        {
          index: 2,
          document_id: 'names',
          quote: 'File names may hold letters, digits and dashes.',
          verified: true,
        },
      ],
      unsupported: [],
    });
    expect(verifyAnswer('The upload limit is 20 MB [1].', SOURCES).citations[0]).toMatchObject({ start: 71 });
  });

  it('is not supported by a source with another number, or without its words', () => {
    const answer = 'The upload limit is 25 MB [1]. Bananas grow on distant planets [2].';
    expect(verify(answer)).toMatchObject({
      citations: [{ verified: false }, { verified: false }],
      unsupported: ['The upload limit is 25 MB [1].', 'Bananas grow on distant planets [2].'],
    });
  });

  it('is not supported where it cites nothing, or a source that is not there', () => {
    expect(verify('The upload limit is 20 MB. Names may hold digits [7].')).toEqual({
      citations: [],
      unsupported: ['The upload limit is 20 MB.', 'Names may hold digits [7].'],
    });
  });
});
