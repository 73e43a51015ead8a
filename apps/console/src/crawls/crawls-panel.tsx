import type { Crawl } from '@xnai/contracts';
import { crawler } from '../api.ts';
import { useLoaded } from '../load.ts';
import { when } from '../parts/format.ts';
import { Table, type TableRow } from '../parts/table.tsx';
import { linkTo, route } from '../route.ts';
import { texts } from '../texts.ts';
import { CrawlForm } from './crawl-form.tsx';
import { CrawlView } from './crawl-view.tsx';
import { CrawlerAway } from './crawler-away.tsx';
import { Schedules } from './schedules.tsx';

const EVERY_MS = 3_000;
const SHOWN = 50;

export function CrawlsPanel() {
  const [id] = route.value.rest;
  if (id !== undefined && id !== '') return <CrawlView key={id} id={id} />;
  return (
    <>
      <h1>{texts.crawls.title}</h1>
      <CrawlForm />
      <CrawlList />
    </>
  );
}

/** The crawls and the schedules are read together: that the crawler is away is said once. */
function CrawlList() {
  const list = useLoaded(readAll, { deps: [crawler.value], everyMs: EVERY_MS });
  const { crawls, schedules = [] } = list.value.value ?? {};
  return (
    <>
      <section aria-labelledby="crawls-title">
        <h2 id="crawls-title">{texts.crawls.list}</h2>
        <CrawlerAway error={list.error.value} retry={list.again} />
        {crawls?.length === 0 && <p class="note">{texts.crawls.none}</p>}
        {crawls !== undefined && crawls.length > 0 && (
          <Table columns={texts.crawls.columns} rows={crawls.map(rowOf)} />
        )}
      </section>
      <Schedules schedules={schedules} crawls={crawls ?? []} onChange={list.again} />
    </>
  );
}

async function readAll(signal: AbortSignal) {
  const [{ crawls }, { schedules }] = await Promise.all([
    crawler.value.crawls({ limit: SHOWN }, { signal }),
    crawler.value.schedules({ signal }),
  ]);
  return { crawls, schedules };
}

function rowOf({ id, url, collection, status, counters, createdAt }: Crawl): TableRow {
  return {
    key: id,
    cells: [
      <>
        <a href={linkTo('crawls', id)}>{url}</a>
        <div class="quiet">{texts.crawls.into(collection)}</div>
      </>,
      <span class="words">{texts.crawls.states[status]}</span>,
      counters.indexed + counters.unchanged,
      counters.failed,
      when(createdAt),
    ],
  };
}
