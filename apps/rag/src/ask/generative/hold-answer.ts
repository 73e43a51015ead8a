import { plainMarks } from '../text/marks.ts';
import { claimsOf } from './claims.ts';
import type { Source } from './source.ts';
import { verifyAnswer } from './verify.ts';

export interface HeldAnswer {
  /** Takes the next piece from the model and returns what may be shown now, often nothing. */
  push(text: string): string;
  /** What is held back still; an answer that was not shown at all can be replaced by another. */
  readonly rest: string;
  readonly shown: string;
}

/**
 * Holds an answer back while it is written: a sentence is shown once the next one has begun, and none before the first
 * that a source supports. What is shown is final: `shown` and `rest` together are the whole answer, with its marks as
 * `[n]`, in whatever pieces it came.
 */
export function holdAnswer(sources: readonly Source[]): HeldAnswer {
  let shown = '';
  let written = '';
  let isSupported = false;
  const plain = () => plainMarks(written, sources.length);
  return {
    get rest() {
      return plain();
    },
    get shown() {
      return shown;
    },
    push(text) {
      written += text;
      if (!MAY_END.test(written)) return '';
      const answer = shown + plain();
      const tail = tailOf(answer);
      const ready = answer.slice(0, answer.length - tail.length);
      // A mark of the tail may still be rewritten: the next piece is waited for.
      const isCut = ready.length > shown.length && written.endsWith(tail) && isClosed(ready);
      isSupported ||= isCut && isAnySupported(ready, sources);
      if (!isCut || !isSupported) return '';
      const piece = ready.slice(shown.length);
      shown = ready;
      written = tail;
      return piece;
    },
  };
}

const MAY_END = /[.!?。！？…\n]/;

/** The last sentence, row or block that has begun: it may still grow, and its first letters say whether it is a new one. */
function tailOf(answer: string): string {
  const last = claimsOf(answer).at(-1)?.span;
  if (last === undefined || last.end - last.start < LEAST_BEGINNING) return answer;
  return answer.slice(last.start);
}

const LEAST_BEGINNING = 2;

/** No code has begun that ends later: marks in code are none. */
function isClosed(text: string): boolean {
  const fences = text.match(/^[ \t]*(?:```|~~~)/gm) ?? [];
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  return fences.length % 2 === 0 && (lastLine.match(/`/g) ?? []).length % 2 === 0;
}

function isAnySupported(answer: string, sources: readonly Source[]): boolean {
  return verifyAnswer(answer, sources).citations.some(({ verified }) => verified);
}
