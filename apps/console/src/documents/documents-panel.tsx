import { useSignal } from '@preact/signals';
import { MAX_QUERY_CHARS, type SearchResult } from '@xnai/contracts';
import { useEffect } from 'preact/hooks';
import { rag } from '../api.ts';
import { chosen, collections, followCollection, isBeingEmbedded, readCollections } from '../collections.ts';
import { openPassage, passageOf } from '../document/passage.ts';
import { useLoaded } from '../load.ts';
import { ChooseCollection } from '../parts/choose-collection.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Failure } from '../parts/notice.tsx';
import { route } from '../route.ts';
import { texts } from '../texts.ts';
import { DocumentList } from './document-list.tsx';
import { UploadFiles } from './upload-list.tsx';
import { arrivals } from './uploads.ts';

export function DocumentsPanel() {
  const read = useLoaded(readCollections, { deps: [arrivals.value] });
  const { rest } = route.value;
  useEffect(() => openLinked(rest), [rest.join('/')]);
  const isThere = collections.value?.some(({ name }) => name === chosen.value) === true;
  return (
    <>
      <h1>{texts.documents.title}</h1>
      <Failure error={read.error.value} retry={read.again} />
      <div class="row">
        <ChooseCollection id="documents-collection" label={texts.ask.collection} />
        <NewCollection />
        {isThere && <DeleteCollection name={chosen.value} onDeleted={read.again} />}
      </div>
      <Embedded name={chosen.value} />
      <UploadFiles />
      {isThere && <Search key={`search ${chosen.value}`} />}
      {isThere ? (
        <DocumentList key={chosen.value} collection={chosen.value} onChange={read.again} />
      ) : (
        collections.value && <p class="note">{texts.documents.empty(chosen.value)}</p>
      )}
    </>
  );
}

/** How much of the collection can be searched by meaning; nothing where that is not in use. */
function Embedded({ name }: { readonly name: string }) {
  const found = collections.value?.find((one) => one.name === name);
  const isLeft = found !== undefined && isBeingEmbedded(found);
  useEffect(() => (isLeft ? followCollection(name) : undefined), [name, isLeft]);
  if (found?.embedding_model == null) return null;
  return <p class="note">{texts.documents.embedded(found)}</p>;
}

/** Answers to other programs link to what they cite. */
function openLinked(rest: readonly string[]): void {
  const linked = passageOf(rest);
  if (linked === undefined) return;
  chosen.value = linked.collection;
  openPassage(linked);
}

/** A collection begins with its first document, so that its name is all that is needed. */
function NewCollection() {
  const name = useSignal('');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.value !== '') chosen.value = name.value;
        name.value = '';
      }}
    >
      <div class="field">
        <label for="new-collection">{texts.documents.newCollection}</label>
        <input
          id="new-collection"
          pattern="[a-z0-9_\-]{1,64}"
          title={texts.documents.nameForm}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </div>
      <button type="submit" class="quiet" disabled={name.value === ''}>
        {texts.documents.use}
      </button>
    </form>
  );
}

function DeleteCollection({ name, onDeleted }: { readonly name: string; readonly onDeleted: () => void }) {
  const count = collections.value?.find((one) => one.name === name)?.documents ?? 0;
  return (
    <ConfirmButton
      label={texts.documents.deleteCollection}
      question={texts.documents.askCollection(name, count)}
      action={texts.documents.delete}
      run={async () => {
        await rag.value.deleteCollection(name);
        onDeleted();
      }}
    />
  );
}

function Search() {
  const words = useSignal('');
  const found = useSignal<readonly SearchResult[] | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  async function search(event: Event) {
    event.preventDefault();
    error.value = undefined;
    try {
      const query = words.value.trim();
      if (query === '') found.value = undefined;
      else found.value = (await rag.value.search({ query, collection: chosen.value })).results;
    } catch (reason) {
      error.value = reason;
    }
  }
  return (
    <section aria-labelledby="search-title">
      <h2 id="search-title">{texts.documents.search}</h2>
      <form class="row" onSubmit={search}>
        <div class="field grow">
          <label for="search">{texts.documents.searchFor}</label>
          <input
            id="search"
            type="search"
            maxLength={MAX_QUERY_CHARS}
            value={words.value}
            onInput={({ currentTarget }) => {
              words.value = currentTarget.value;
            }}
          />
        </div>
        <button type="submit">{texts.documents.find}</button>
      </form>
      <Failure error={error.value} />
      <p role="status">{found.value && texts.documents.found(found.value.length)}</p>
      <ol class="results">
        {found.value?.map((result) => (
          <Result key={result.chunk_id} result={result} />
        ))}
      </ol>
    </section>
  );
}

function Result({ result }: { readonly result: SearchResult }) {
  const { title, url, heading, text } = result;
  return (
    <li>
      <button
        type="button"
        class="link"
        onClick={() => openPassage({ collection: chosen.value, ...result, quote: text })}
      >
        {title ?? url ?? texts.document.untitled}
      </button>{' '}
      {heading.length > 0 && <span class="quiet">{heading.join(' › ')}</span>}
      <blockquote class="short">{text}</blockquote>
    </li>
  );
}
