import { describe, expect, it } from 'vitest';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { sourceOf } from './source.ts';
import { verifyAnswer } from './verify.ts';

function source(documentId: string, text: string, start = 0): RetrievedChunk {
  const chunk = { documentId, ordinal: 0, start, end: start + text.length, text, heading: [], context: '' };
  return {
    chunk: {
      ...chunk,
      title: undefined,
      url: undefined,
      inline: 'markdown',
      blocks: undefined,
      metadata: {},
    },
    score: 1,
  };
}

const SOURCES = [
  source('limits', 'Uploads are checked. The upload limit is 20 MB for each file.', 50),
  source('names', 'File names may hold letters, digits and dashes.'),
];

function verify(answer: string) {
  const { citations, unsupported } = verifyAnswer(answer, SOURCES.map(sourceOf));
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
    expect(verifyAnswer('The upload limit is 20 MB [1].', SOURCES.map(sourceOf)).citations[0]).toMatchObject({
      start: 71,
    });
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

const MANUAL = [
  source(
    'uploads',
    'The upload limit is 20 MB. Larger files are refused. Failed uploads are retried three times after ten seconds.\n\nChange it in the file `limits.yaml`:\n\n```sh\nlimits set upload[1] 30\n```',
  ),
  { ...source('titled', 'Water them often.'), score: 1 },
];
const TITLED = MANUAL.map((found, index) =>
  index === 1 ? { ...found, chunk: { ...found.chunk, title: 'Complete garden guide' } } : found,
);

describe('a sentence', () => {
  const isSupported = (answer: string) => {
    const { citations, unsupported } = verifyAnswer(answer, TITLED.map(sourceOf));
    return unsupported.length === 0 && citations.length > 0 && citations.every(({ verified }) => verified);
  };

  it.each([
    'The upload limit is 20 MB [1].',
    'The upload limit is 20MB [1].',
    'The upload limit is 20 megabytes [1].',
    'Failed uploads are retried 3 times after 10 seconds [1].',
    'Larger files are not accepted [1].',
    'There are two rules: larger files are refused, and the upload limit is 20 MB [1].',
    'Change it in `limits.yaml` [1].',
    '[1] The upload limit is 20 MB.',
    'The upload limit is 20 MB.\n[1]',
  ])('is supported: %s', (answer) => {
    expect(isSupported(answer)).toBe(true);
  });

  it.each([
    ['with another unit', 'The upload limit is 20 GB [1].'],
    ['with another sign', 'The upload limit is -20 MB [1].'],
    ['with another number in words', 'Failed uploads are retried four times after ten seconds [1].'],
    ['with its numbers changed over', 'Failed uploads are retried ten times after three seconds [1].'],
    ['that denies what the source says', 'Larger files are not refused [1].'],
    ['that denies it in short', "Larger files aren't refused [1]."],
    ['with a name that is not in the source', 'Change the limits file `limits.yml` [1].'],
    ['that only says the title', 'Complete garden guide [2].'],
    ['that cites a source that is not there beside one that is', 'The upload limit is 20 MB [1][9].'],
    ['that cites number 0', 'The upload limit is 20 MB [0].'],
    ['that cites in code', 'The upload limit is 20 MB `[1]`.'],
  ])('%s is not supported', (_, answer) => {
    expect(isSupported(answer)).toBe(false);
  });

  it('that says what the source denies is not supported', () => {
    const sources = [sourceOf(source('logs', 'Log files are not kept after 30 days.'))];
    expect(verifyAnswer('Log files are kept after 30 days [1].', sources).unsupported).toHaveLength(1);
    expect(verifyAnswer('Log files are not kept after 30 days [1].', sources).unsupported).toEqual([]);
  });
});

describe('the form of an answer', () => {
  const unsupported = (answer: string) =>
    verifyAnswer(answer, MANUAL.map(sourceOf)).unsupported.map(({ start, end }) => answer.slice(start, end));

  it('as a list is checked item by item, its numbers and introduction aside', () => {
    const answer =
      'These are the rules:\n\n1. The upload limit is 20 MB [1].\n2. Larger files are refused [1].\n3. Bananas grow on Mars [1].';
    expect(unsupported(answer)).toEqual(['Bananas grow on Mars [1].']);
    expect(unsupported('- [1] The upload limit is 20 MB.\n- [2] Larger files are refused.')).toEqual([
      '[2] Larger files are refused.',
    ]);
  });

  it('as a table is checked row by row, as a heading not at all', () => {
    const answer =
      '# Limits\n\n| rule | value |\n| --- | --- |\n| upload limit | 20 MB [1] |\n| limit of names | 99 [1] |';
    expect(unsupported(answer)).toEqual(['| limit of names | 99 [1] |']);
  });

  it('with code is checked line by line against what is cited; brackets in it are no marks', () => {
    const answer = (code: string) => `Larger files are refused [1]. Run this:\n\n\`\`\`sh\n${code}\n\`\`\``;
    expect(unsupported(answer('limits set upload[1] 30'))).toEqual([]);
    expect(unsupported(answer('limits set upload[2] 30'))).toEqual(['limits set upload[2] 30']);
    expect(unsupported('```\nlimits set upload[1] 30\n```\n[1]')).toEqual([]);
  });
});
