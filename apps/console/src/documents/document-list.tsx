import { useSignal } from '@preact/signals';
import type { DocumentSummary } from '@xnai/contracts';
import { rag } from '../api.ts';
import { openPassage } from '../document/passage.ts';
import { useLoaded } from '../load.ts';
import { Confirm } from '../parts/confirm.tsx';
import { bytes, when } from '../parts/format.ts';
import { Failure } from '../parts/notice.tsx';
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
  const remove = async (document: DocumentSummary | undefined) => {
    if (document) await rag.value.deleteDocument(collection, document.id);
    list.again();
    onChange();
  };
  return (
    <section aria-labelledby="list-title">
      <h2 id="list-title">{texts.documents.list}</h2>
      <Failure error={list.error.value} retry={list.again} />
      <div class="table">
        <table>
          <thead>
            <tr>
              {texts.documents.columns.map((name) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {documents.map((document) => (
              <Row
                key={document.id}
                document={document}
                onDelete={() => {
                  deleting.value = document;
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
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

function Row({ document, onDelete }: { readonly document: DocumentSummary; readonly onDelete: () => void }) {
  const { id, collection, bytes: size, url, title, updated_at } = document;
  const name = nameOf(document);
  return (
    <tr>
      <td>
        <button
          type="button"
          class="link"
          onClick={() => openPassage({ collection, document_id: id, start: 0, end: 0 })}
        >
          {name}
        </button>
        {title !== null && url !== null && <div class="quiet">{url}</div>}
      </td>
      <td class="figure">{bytes(size)}</td>
      <td class="figure">{when(updated_at)}</td>
      <td>
        <button type="button" class="quiet" aria-label={texts.documents.deleteOne(name)} onClick={onDelete}>
          {texts.documents.delete}
        </button>
      </td>
    </tr>
  );
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
