import type { Citation, QueryResponse } from '@xnai/contracts';
import { Marked } from '../document/marked.tsx';
import { openPassage } from '../document/passage.ts';
import { texts } from '../texts.ts';
import { type Piece, splitAnswer } from './split-answer.ts';

export interface AnswerProps {
  readonly answer: QueryResponse;
  readonly collection: string;
}

export function Answer({ answer, collection }: AnswerProps) {
  const { citations, unsupported, searched, mode, nearest = [] } = answer;
  const byIndex = new Map(citations.map((citation) => [citation.index, citation]));
  const pieces = splitAnswer(answer.answer, { indices: new Set(byIndex.keys()), unsupported });
  return (
    <article class="answer">
      <h2>{mode === 'none' ? texts.ask.modes.none : texts.ask.answer}</h2>
      {searched && (
        <p class="quiet">
          {texts.ask.searched} <q>{searched}</q>
        </p>
      )}
      <div class="text">
        {pieces.map((piece, at) => (
          <PieceView key={at} piece={piece} citation={byIndex.get(indexOf(piece))} collection={collection} />
        ))}
      </div>
      <About answer={answer} />
      <Missing words={(answer.missing ?? []).filter((word) => !answer.answer.includes(word))} />
      <Citations title={texts.ask.sources} list={citations} collection={collection} />
      <Citations title={texts.ask.nearest} list={nearest} collection={collection} areNearest />
    </article>
  );
}

const indexOf = (piece: Piece) => (piece.kind === 'mark' ? piece.index : 0);

interface PieceProps {
  readonly piece: Piece;
  readonly citation: Citation | undefined;
  readonly collection: string;
}

function PieceView({ piece, citation, collection }: PieceProps) {
  if (piece.kind === 'mark') return citation ? <Chip citation={citation} collection={collection} /> : null;
  const text = <Words text={piece.text} />;
  if (piece.isSupported) return text;
  return (
    <span class="unsupported" title={texts.ask.unsupported}>
      {text}
      <span class="hidden"> ({texts.ask.unsupported})</span>
    </span>
  );
}

/** Quotes and models write code in marks of Markdown. */
function Words({ text }: { readonly text: string }) {
  return <Marked text={text} inline="code" start={0} end={text.length} />;
}

/** A row of a table without its borders. */
function readable(quote: string): string {
  const row = /^\|(.*)\|$/.exec(quote)?.[1];
  return row === undefined
    ? quote
    : row
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .join(' · ');
}

interface ChipProps {
  readonly citation: Citation;
  readonly collection: string;
}

function Chip({ citation, collection }: ChipProps) {
  const name = citation.title ?? citation.url ?? texts.document.untitled;
  return (
    <button
      type="button"
      class="chip"
      title={citation.quote}
      aria-label={texts.ask.open(citation.index, name)}
      onClick={() => openPassage({ collection, ...citation })}
    >
      {citation.index}
    </button>
  );
}

/** How the answer came to be, in words. */
function About({
  answer: { mode, finish_reason, cached, timings, degraded },
}: {
  readonly answer: QueryResponse;
}) {
  const { took, timing, kept, degraded: without, length, modes } = texts.ask;
  return (
    <p class="quiet about">
      {mode === 'none' ? '' : `${modes[mode]} `}
      {finish_reason === 'length' && `${length} `}
      {cached ? kept(took(timings.total_ms)) : timing(took(timings.retrieval_ms), took(timings.total_ms))}
      {degraded.length > 0 && ` ${without(degraded.join(', '))}`}
    </p>
  );
}

/** Where the answer does not say so itself. */
function Missing({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return null;
  return (
    <p>
      {texts.ask.missing} <strong>{words.join(', ')}</strong>
    </p>
  );
}

interface CitationsProps {
  readonly title: string;
  readonly list: readonly Citation[];
  readonly collection: string;
  /** They support nothing, so that none of them was verified. */
  readonly areNearest?: boolean;
}

function Citations({ title, list, collection, areNearest = false }: CitationsProps) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ol class="citations">
        {list.map((citation) => (
          <li key={citation.index}>
            <Chip citation={citation} collection={collection} />
            <div>
              <strong>{citation.title ?? citation.url ?? texts.document.untitled}</strong>{' '}
              {citation.heading.length > 0 && <span class="quiet">{citation.heading.join(' › ')}</span>}
              {!citation.verified && !areNearest && <span class="tag">{texts.ask.unverified}</span>}
              <blockquote class={areNearest ? 'short' : ''}>
                <Words text={readable(citation.quote)} />
              </blockquote>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
