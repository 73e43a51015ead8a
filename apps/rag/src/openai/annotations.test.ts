import type { Citation } from '@xnai/contracts';
import { describe, expect, it } from 'vitest';
import { annotate } from './annotations.ts';
import { consoleLinks } from './document-links.ts';

const citation = (index: number, more: Partial<Citation>): Citation => ({
  index,
  document_id: `d${index}`,
  chunk_id: `d${index}#0`,
  url: null,
  title: null,
  heading: [],
  quote: 'Open until nine.',
  start: 4,
  end: 20,
  score: 1,
  verified: true,
  ...more,
});
const linkTo = consoleLinks('http://127.0.0.1:8080', 'town');

describe('annotations of an answer', () => {
  it('are its marks, counted in code points as Python slices, with the address of each source', () => {
    const answer = 'Until nine 🕘 [2]. See `open[1]` and [1][2], not [3].';
    const citations = [
      citation(1, { title: 'Hours' }),
      citation(2, { title: 'Library', url: 'https://library.example/' }),
    ];
    const found = annotate(answer, citations, linkTo);
    const points = [...answer];
    expect(found.map(({ start_index, end_index }) => points.slice(start_index, end_index).join(''))).toEqual([
      '[2]',
      '[1]',
      '[2]',
    ]);
    expect(found.map(({ title, url }) => [title, url])).toEqual([
      ['Library', 'https://library.example/'],
      ['Hours', 'http://127.0.0.1:8080/#/documents/town/d1/4-20'],
      ['Library', 'https://library.example/'],
    ]);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'urn:isbn:1'])(
    'never link to %s, which no browser should open',
    (url) => {
      expect(annotate('Nine [1].', [citation(1, { url })], linkTo)).toMatchObject([
        { url: 'http://127.0.0.1:8080/#/documents/town/d1/4-20', title: 'd1' },
      ]);
    },
  );

  it('leave out what has no address where there is no console', () => {
    const citations = [citation(1, {}), citation(2, { url: 'https://library.example/' })];
    const found = annotate('Nine [1], or ten [2].', citations, () => undefined);
    expect(found).toMatchObject([{ url: 'https://library.example/' }]);
  });
});
