import { MAX_QUERY_CHARS } from '@xnai/contracts';
import { chosen, collections, readCollections } from '../collections.ts';
import { arrivals } from '../documents/uploads.ts';
import { useLoaded } from '../load.ts';
import { ChooseCollection } from '../parts/choose-collection.tsx';
import { Failure, Status } from '../parts/notice.tsx';
import { texts } from '../texts.ts';
import { Answer } from './answer.tsx';
import { type Asked, ask, asked, cancel, question } from './conversation.ts';

export function AskPanel() {
  const read = useLoaded(readCollections, { deps: [arrivals.value] });
  const isEmpty = collections.value?.length === 0;
  return (
    <>
      <h1>{texts.ask.title}</h1>
      <Failure error={read.error.value} retry={read.again} />
      {isEmpty && <p class="note">{texts.ask.empty}</p>}
      <Form isAsking={asked.value.phase === 'asking'} />
      <Outcome now={asked.value} />
    </>
  );
}

function Form({ isAsking }: { readonly isAsking: boolean }) {
  const submit = (event: Event) => {
    event.preventDefault();
    const query = question.value.trim();
    if (query !== '') void ask(query, chosen.value);
  };
  return (
    <form class="ask" onSubmit={submit}>
      <div class="field grow">
        <label for="question">{texts.ask.question}</label>
        <textarea
          id="question"
          rows={2}
          maxLength={MAX_QUERY_CHARS}
          required
          placeholder={texts.ask.placeholder}
          value={question.value}
          onInput={({ currentTarget }) => {
            question.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
          }}
        />
      </div>
      <ChooseCollection id="ask-collection" label={texts.ask.collection} />
      {isAsking ? (
        // Keys: one element for both would become the submitting one while its click is under way.
        <button key="cancel" type="button" onClick={cancel}>
          {texts.ask.cancel}
        </button>
      ) : (
        <button key="ask" type="submit" class="main">
          {texts.ask.go}
        </button>
      )}
    </form>
  );
}

function Outcome({ now }: { readonly now: Asked }) {
  return (
    <>
      <Status>{statusOf(now)}</Status>
      {now.phase === 'asking' && now.text !== '' && (
        <article class="answer">
          <h2>{texts.ask.answer}</h2>
          <div class="text">{now.text}</div>
        </article>
      )}
      {now.phase === 'failed' && <Failure error={now.error} />}
      {now.phase === 'answered' && <Answer answer={now.answer} collection={now.collection} />}
    </>
  );
}

function statusOf(now: Asked): string {
  if (now.phase === 'asking') return now.sources > 0 ? texts.ask.writing : texts.ask.asking;
  if (now.phase === 'cancelled') return texts.ask.cancelled;
  if (now.phase !== 'answered') return '';
  return now.answer.mode === 'none' ? texts.ask.nothing : texts.ask.done(now.answer.citations.length);
}
