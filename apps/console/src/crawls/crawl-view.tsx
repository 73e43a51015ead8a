import { useSignal } from '@preact/signals';
import type { Crawl, CrawlCounters, PageResult } from '@xnai/contracts';
import { useEffect } from 'preact/hooks';
import { crawler } from '../api.ts';
import { chosen } from '../collections.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Status } from '../parts/notice.tsx';
import { Table, type TableRow } from '../parts/table.tsx';
import { linkTo } from '../route.ts';
import { texts } from '../texts.ts';
import { CrawlerAway } from './crawler-away.tsx';
import { type Followed, followCrawl, isEnded } from './follow-crawl.ts';

/** One crawl, live. */
export function CrawlView({ id }: { readonly id: string }) {
  const followed = useSignal<Followed | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    followCrawl(id, {
      signal,
      show: (state, lost) => {
        followed.value = state;
        error.value = lost;
      },
    }).catch((reason: unknown) => {
      if (!signal.aborted) error.value = reason;
    });
    return () => controller.abort();
  }, [id]);
  const state = followed.value;
  return (
    <>
      <p>
        <a href={linkTo('crawls')}>{texts.crawls.back}</a>
      </p>
      <h1>{texts.crawls.one}</h1>
      <CrawlerAway error={error.value} />
      {state && <Summary crawl={state.crawl} />}
      {state && <PageTable pages={[...state.pages.values()]} />}
    </>
  );
}

function Summary({ crawl }: { readonly crawl: Crawl }) {
  const { url, collection, status, stopReason, counters, degraded } = crawl;
  const notes = [crawl.error, crawl.warning, degraded.length > 0 && texts.ask.degraded(degraded.join(', '))];
  return (
    <section class="sheet" aria-label={texts.crawls.one}>
      <p>
        <strong>{url}</strong> <span class="quiet">{texts.crawls.into(collection)}</span>
      </p>
      <Status>
        {texts.crawls.states[status]}
        {stopReason !== null && ` · ${texts.crawls.stops[stopReason]}`}
      </Status>
      {!isEnded(crawl) && <Progress counters={counters} />}
      <dl class="figures">
        {texts.crawls.counters.map(({ name, label }) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{counters[name]}</dd>
          </div>
        ))}
      </dl>
      {notes.map(
        (note) =>
          note && (
            <p key={note} class="note">
              {note}
            </p>
          ),
      )}
      {isEnded(crawl) ? <AskNow collection={collection} /> : <Cancel id={crawl.id} />}
    </section>
  );
}

function Progress({ counters }: { readonly counters: CrawlCounters }) {
  const { discovered, queued } = counters;
  return (
    <progress max={Math.max(1, discovered)} value={discovered - queued} aria-label={texts.crawls.progress} />
  );
}

function AskNow({ collection }: { readonly collection: string }) {
  return (
    <a
      href={linkTo('ask')}
      onClick={() => {
        chosen.value = collection;
      }}
    >
      {texts.crawls.askNow}
    </a>
  );
}

function Cancel({ id }: { readonly id: string }) {
  return (
    <ConfirmButton
      label={texts.crawls.cancel}
      question={texts.crawls.askCancel}
      action={texts.crawls.cancel}
      run={async () => {
        await crawler.value.cancelCrawl(id);
      }}
    />
  );
}

const SHOWN = 200;
const PROBLEMS: readonly string[] = ['failed', 'skipped'];

/** What went wrong first, then the newest. */
function PageTable({ pages }: { readonly pages: readonly PageResult[] }) {
  if (pages.length === 0) return null;
  const isProblem = ({ status }: PageResult) => PROBLEMS.includes(status);
  const sorted = [...pages.filter(isProblem), ...pages.filter((page) => !isProblem(page)).reverse()];
  return (
    <section aria-labelledby="pages-title">
      <h2 id="pages-title">{texts.crawls.pages(pages.length)}</h2>
      <Table columns={texts.crawls.pageColumns} rows={sorted.slice(0, SHOWN).map(rowOf)} />
      {sorted.length > SHOWN && <p class="quiet">{texts.crawls.more(sorted.length - SHOWN)}</p>}
    </section>
  );
}

function rowOf(page: PageResult): TableRow {
  const { url, status } = page;
  const state = <span class={status === 'failed' ? 'bad' : ''}>{texts.crawls.pageStates[status]}</span>;
  return { key: url, cells: [url, state, reasonOf(page)] };
}

function reasonOf({ reason, httpStatus, code }: PageResult): string {
  const status = httpStatus !== null && httpStatus >= 400 ? `HTTP ${httpStatus}` : undefined;
  return [reason, code, status].filter(Boolean).join(', ');
}
