export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface MarkedProps extends Span {
  readonly text: string;
  /** What is highlighted. */
  readonly span: Span | undefined;
}

/** A slice of the document's text, as text and nothing else, with what lies in the span highlighted. */
export function Marked({ text, start, end, span }: MarkedProps) {
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
