import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { passageOf } from '../text/passage.ts';
import type { Span } from '../text/sentences.ts';
import { statementsOf } from '../text/statements.ts';
import { stemsOf } from '../text/words.ts';
import { type Figure, figuresOf } from './figures.ts';

/** A chunk that answers are checked against. Each part is read when it is first asked for, and then kept. */
export interface Source {
  readonly found: RetrievedChunk;
  statements(): readonly SourceStatement[];
  /** All that it says, with its title and headings. */
  whole(): SourceWhole;
}

export interface SourceStatement extends Span {
  readonly stems: ReadonlySet<string>;
}

export interface SourceWhole {
  readonly text: string;
  readonly stems: ReadonlySet<string>;
  readonly figures: readonly Figure[];
}

export function sourceOf(found: RetrievedChunk): Source {
  return { found, statements: once(() => readStatements(found)), whole: once(() => readWhole(found)) };
}

function readStatements({ chunk }: RetrievedChunk): readonly SourceStatement[] {
  return statementsOf(passageOf(chunk)).map(({ start, fullEnd: end }) => ({
    start,
    end,
    stems: stemsOf(chunk.text.slice(start, end)),
  }));
}

function readWhole({ chunk }: RetrievedChunk): SourceWhole {
  const text = [chunk.title ?? '', ...chunk.heading, chunk.context, chunk.text].join('\n');
  return { text, stems: stemsOf(text), figures: figuresOf(text) };
}

function once<T>(read: () => T): () => T {
  let kept: T | undefined;
  return () => (kept ??= read());
}
