import { useSignal } from '@preact/signals';
import type { DocumentSummary } from '@xnai/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { rag } from '../api.ts';
import { openPassage } from '../document/passage.ts';
import { useLoaded } from '../load.ts';
import { Confirm } from '../parts/confirm.tsx';
import { bytes, when } from '../parts/format.ts';
import { Failure } from '../parts/notice.tsx';
import { Table, type TableRow } from '../parts/table.tsx';
import { texts } from '../texts.ts';
import { arrivals } from './uploads.ts';

const PAGE = 50;

export interface DocumentListProps {
  readonly collection: string;
  readonly onChange: () => void;
}

/** The documents of a collection, a page at a time. */
export function DocumentList({ collection, onChange }: DocumentListProps) {
  const cursors = useSignal<readonly (string | undefined)[]>([undefined]);
  const deleting = useSignal<DocumentSummary | undefined>(undefined);
  const cursor = cursors.value.at(-1);
  const list = useLoaded(
    (signal) =>
      rag.value.listDocuments(
        collection,
        { limit: PAGE, ...(cursor !== undefined && { cursor }) },
        { signal },
      ),
    { deps: [collection, cursor, arrivals.value] },
  );
  const { documents = [], next_cursor = null } = list.value.value ?? {};
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A document that was deleted takes the button with the focus with it.
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true });
  }, [list.value.value]);
  const remove = async (document: DocumentSummary | undefined) => {
    if (document) await rag.value.deleteDocument(collection, document.id);
    list.again();
    onChange();
  };
  return (
    <section aria-labelledby="list-title">
      <h2 id="list-title" ref={title} tabIndex={-1}>
        {texts.documents.list}
      </h2>
      <Failure error={list.error.value} retry={list.again} />
      <Table
        columns={texts.documents.columns}
        rows={documents.map((document) =>
          rowOf(document, () => {
            deleting.value = document;
          }),
        )}
      />
      <Pages
        hasBefore={cursors.value.length > 1}
        hasNext={next_cursor !== null}
        onBefore={() => {
          cursors.value = cursors.value.slice(0, -1);
        }}
        onNext={() => {
          cursors.value = [...cursors.value, next_cursor ?? undefined];
        }}
      />
      {deleting.value && (
        <Confirm
          question={texts.documents.askDocument(nameOf(deleting.value))}
          action={texts.documents.delete}
          run={() => remove(deleting.value)}
          onClose={() => {
            deleting.value = undefined;
          }}
        />
      )}
    </section>
  );
}

const nameOf = ({ title, url, id }: DocumentSummary) => title ?? url ?? id;

function rowOf(document: DocumentSummary, onDelete: () => void): TableRow {
  const { id, collection, bytes: size, url, title, updated_at } = document;
  const name = nameOf(document);
  const open = () => openPassage({ collection, document_id: id, start: 0, end: 0 });
  return {
    key: id,
    cells: [
      <>
        <button type="button" class="link" onClick={open}>
          {name}
        </button>
        {title !== null && url !== null && <div class="quiet">{url}</div>}
      </>,
      bytes(size),
      when(updated_at),
      <button type="button" class="quiet" aria-label={texts.documents.deleteOne(name)} onClick={onDelete}>
        {texts.documents.delete}
      </button>,
    ],
  };
}

interface PagesProps {
  readonly hasBefore: boolean;
  readonly hasNext: boolean;
  readonly onBefore: () => void;
  readonly onNext: () => void;
}

function Pages({ hasBefore, hasNext, onBefore, onNext }: PagesProps) {
  if (!hasBefore && !hasNext) return null;
  return (
    <p class="row">
      <button type="button" class="quiet" disabled={!hasBefore} onClick={onBefore}>
        {texts.documents.pageBefore}
      </button>
      <button type="button" class="quiet" disabled={!hasNext} onClick={onNext}>
        {texts.documents.pageNext}
      </button>
    </p>
  );
}
