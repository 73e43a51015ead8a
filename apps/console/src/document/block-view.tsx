import type { Document } from '@xnai/contracts';
import type { ComponentChildren } from 'preact';
import type { BlockGroup, RowBlock, SingleBlock } from './group-blocks.ts';
import { Marked, type Shown } from './marked.tsx';

export interface BlockViewProps {
  readonly group: BlockGroup;
  readonly shown: Shown;
  readonly tables: Document['tables'];
}

/** One block of a document in the element that says what it is. */
export function BlockView({ group, shown, tables }: BlockViewProps) {
  if (group.kind === 'single') return <SingleView block={group.block} shown={shown} />;
  const columns = tables[group.table]?.columns ?? [];
  const hasHeader = group.rows.some(({ isHeader }) => isHeader);
  return (
    <div class="table">
      <table>
        {!hasHeader && columns.some((name) => name !== '') && (
          <thead>
            <tr>
              {columns.map((name, at) => (
                <th key={at}>{name}</th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {group.rows.map((row) => (
            <Row key={row.start} row={row} shown={shown} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<BlockViewProps, 'shown'> {
  readonly row: RowBlock;
}

function Row({ row, shown }: RowProps) {
  const Cell = row.isHeader ? 'th' : 'td';
  return (
    <tr>
      {row.cells.map((start, at) => {
        const end = cellEnd(shown.text, start, row.cells[at + 1] ?? row.bodyEnd);
        return (
          <Cell key={start}>
            <Marked {...shown} start={start} end={end} />
          </Cell>
        );
      })}
    </tr>
  );
}

/** Without the border between two cells. Not by a pattern: one takes minutes for the spaces of a hostile cell. */
function cellEnd(text: string, start: number, next: number): number {
  const cell = text.slice(start, next).trimEnd();
  return start + (cell.endsWith('|') ? cell.slice(0, -1).trimEnd() : cell).length;
}

interface SingleProps extends Pick<BlockViewProps, 'shown'> {
  readonly block: SingleBlock;
}

function SingleView({ block, shown }: SingleProps) {
  const { kind, bodyStart, bodyEnd } = block;
  // Code has no marks of its own.
  const inline = kind === 'code' ? 'none' : shown.inline;
  const body = <Marked {...shown} inline={inline} start={bodyStart} end={bodyEnd} />;
  switch (kind) {
    case 'heading':
      return <Heading level={block.level}>{body}</Heading>;
    case 'code':
      return (
        // A region that scrolls must be reachable by the keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <pre tabIndex={0}>
          <code>{body}</code>
        </pre>
      );
    case 'quote':
      return <blockquote>{body}</blockquote>;
    case 'item':
      return (
        <p class={`item depth-${Math.min(block.depth, 4)}`}>
          <span class="bullet">{block.ordinal === undefined ? '•' : `${block.ordinal}.`}</span> {body}
        </p>
      );
    case 'definition':
      return (
        <p>
          <strong>{block.term}</strong> {body}
        </p>
      );
    case 'metadata':
      return (
        <p class="quiet">
          {block.key}: {body}
        </p>
      );
    case 'note':
      return (
        <p class="note">
          {block.label && <strong>{block.label}</strong>} {body}
        </p>
      );
    default:
      return <p>{body}</p>;
  }
}

/** The dialog has the headings above the third level. */
const HEADINGS = ['h3', 'h3', 'h4', 'h5', 'h6', 'h6'] as const;

function Heading({ level, children }: { readonly level: number; readonly children: ComponentChildren }) {
  const Tag = HEADINGS[level - 1] ?? 'h6';
  return <Tag>{children}</Tag>;
}
