import { readHtml } from '@xnai/text/html';
import { mainElementText } from './main-element.ts';
import { type Overlap, overlapOf } from './word-f1.ts';

export interface MeasuredPage {
  readonly withHints: Pick<Overlap, 'f1' | 'precision' | 'recall'>;
  readonly withoutHints: Pick<Overlap, 'f1' | 'precision' | 'recall'>;
  /** Words of the main element that are neither in the text nor covered by the letters counted as left out. */
  readonly unexplained: number;
  readonly cpuMs: number;
}

/** Fewer letters are no content to compare. */
const MIN_TRUTH = 100;

/** A page against the text of its main element; undefined when it has none. */
export function measurePage(html: string, main: RegExp): MeasuredPage | undefined {
  const truth = mainElementText(html, main);
  if (truth === undefined || truth.trim().length < MIN_TRUTH) return undefined;
  const start = process.cpuUsage();
  const { document } = readHtml(html, { url: 'https://manual.example/page.html' });
  const { user, system } = process.cpuUsage(start);
  const withHints = overlapOf(document.text, truth);
  const left = document.losses.reduce((sum, { chars }) => sum + chars, 0);
  return {
    withHints: figuresOf(withHints),
    withoutHints: figuresOf(overlapOf(readHtml(withoutHints(html), {}).document.text, truth)),
    unexplained: unexplainedWords(withHints, left),
    cpuMs: (user + system) / 1000,
  };
}

/** What a page says about where its content is, taken away. */
function withoutHints(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<meta[^>]*generator[^>]*>/gi, '')
    .replace(/<(\/?)(?:main|article)\b[^>]*>/g, '<$1div>')
    .replace(/ role="main"/g, '');
}

function figuresOf({ f1, precision, recall }: Overlap) {
  return { f1, precision, recall };
}

/**
 * Words that are joined in one text and apart in the other are no loss: of the missing words, those count whose letters
 * are more than the extra words and the losses have.
 */
function unexplainedWords({ missing, extra }: Overlap, left: number): number {
  let letters = left + lettersOf(extra);
  let words = 0;
  for (const [word, times] of missing) {
    letters -= word.length * times;
    if (letters < 0) words += times;
  }
  return words;
}

function lettersOf(words: ReadonlyMap<string, number>): number {
  return Array.from(words, ([word, times]) => word.length * times).reduce((sum, letters) => sum + letters, 0);
}
