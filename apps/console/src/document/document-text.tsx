import { useSignal } from '@preact/signals';
import type { Document } from '@xnai/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { texts } from '../texts.ts';
import { BlockView } from './block-view.tsx';
import { groupBlocks } from './group-blocks.ts';
import { Marked } from './marked.tsx';
import type { Passage } from './passage.ts';

/** Blocks shown around the passage at first, and added by each press: a manual or a table has tens of thousands. */
const AROUND = 60;

export interface DocumentTextProps {
  readonly document: Document;
  readonly passage: Passage;
}

/** The stored text by its blocks, with the passage highlighted and in sight. */
export function DocumentText({ document, passage }: DocumentTextProps) {
  const { text, inline, blocks, tables } = document;
  const at = Math.max(
    0,
    blocks.findIndex(({ end }) => end > passage.start),
  );
  const shown = useSignal({ from: Math.max(0, at - AROUND), to: Math.min(blocks.length, at + AROUND) });
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.querySelector('mark')?.scrollIntoView({ block: 'center' });
  }, []);
  const { from, to } = shown.value;
  const isMoved = passage.quote !== undefined && text.slice(passage.start, passage.end) !== passage.quote;
  const span = isMoved || passage.end <= passage.start ? undefined : passage;
  return (
    <>
      {isMoved && <p class="note">{texts.document.moved}</p>}
      {/* A region that scrolls must be reachable by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class="document" ref={place} tabIndex={0} aria-label={texts.document.label}>
        {from > 0 && (
          <More
            label={texts.document.before(Math.min(AROUND, from))}
            onClick={() => {
              shown.value = { from: Math.max(0, from - AROUND), to };
            }}
          />
        )}
        {groupBlocks(blocks.slice(from, to)).map((group) => (
          <BlockView key={group.start} group={group} shown={{ text, inline, span }} tables={tables} />
        ))}
        {blocks.length === 0 && (
          <div class="plain">
            <Marked text={text} inline={inline} span={span} start={0} end={text.length} />
          </div>
        )}
        {to < blocks.length && (
          <More
            label={texts.document.after(Math.min(AROUND, blocks.length - to))}
            onClick={() => {
              shown.value = { from, to: Math.min(blocks.length, to + AROUND) };
            }}
          />
        )}
      </section>
    </>
  );
}

function More({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="quiet" onClick={onClick}>
      {label}
    </button>
  );
}
