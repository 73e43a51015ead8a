import type { KeptChunk, Reading } from './reading.ts';

/** What holds a text, and its chunks without theirs, which are slices of it: cheaper cut than carried to another thread. */
export type WithoutTexts<Read extends Reading> = Omit<Read, 'chunks'> & {
  readonly chunks: readonly Omit<KeptChunk, 'text'>[];
};

export function withoutTexts<Read extends Reading>(reading: Read): WithoutTexts<Read> {
  return { ...reading, chunks: reading.chunks.map(({ text: _, ...rest }) => rest) };
}

export function withTexts<Read extends Pick<Reading, 'text'> & Pick<WithoutTexts<Reading>, 'chunks'>>(
  reading: Read,
) {
  const { text, chunks } = reading;
  return {
    ...reading,
    chunks: chunks.map((chunk) => ({ ...chunk, text: text.slice(chunk.start, chunk.end) })),
  };
}
