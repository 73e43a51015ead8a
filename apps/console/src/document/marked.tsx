import type { Document } from '@xnai/contracts';
import { Fragment } from 'preact';
import { inlineParts, type Slice } from './inline.ts';

/** A text whose parts are shown. */
export interface Shown {
  readonly text: string;
  readonly inline: Document['inline'];
  /** What is highlighted. */
  readonly span?: Slice | undefined;
}

export interface MarkedProps extends Shown, Slice {}

/** A slice of a text, as text and nothing else, with what lies in the span highlighted. */
export function Marked({ text, inline, span, ...slice }: MarkedProps) {
  return (
    <>
      {inlineParts(text, slice, inline).map(({ kind, start, end }) => {
        const Tag = TAGS[kind];
        return (
          <Tag key={start}>
            <Highlighted text={text} span={span} start={start} end={end} />
          </Tag>
        );
      })}
    </>
  );
}

const TAGS = { text: Fragment, code: 'code', strong: 'strong' } as const;

interface HighlightedProps extends Slice {
  readonly text: string;
  readonly span: Slice | undefined;
}

function Highlighted({ text, start, end, span }: HighlightedProps) {
  const from = Math.max(start, span?.start ?? end);
  const to = Math.min(end, span?.end ?? start);
  if (from >= to) return <>{text.slice(start, end)}</>;
  return (
    <>
      {text.slice(start, from)}
      <mark>{text.slice(from, to)}</mark>
      {text.slice(to, end)}
    </>
  );
}
