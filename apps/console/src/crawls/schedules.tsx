import { useSignal } from '@preact/signals';
import type { Crawl, Schedule } from '@xnai/contracts';
import { useEffect, useRef } from 'preact/hooks';
import { crawler } from '../api.ts';
import { useLoaded } from '../load.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { when } from '../parts/format.ts';
import { Table, type TableRow } from '../parts/table.tsx';
import { linkTo } from '../route.ts';
import { texts } from '../texts.ts';
import { CrawlerAway } from './crawler-away.tsx';
import { ruleOf } from './rule-of.ts';

export interface SchedulesProps {
  readonly schedules: readonly Schedule[];
  /** Those that are known already; others are read. */
  readonly crawls: readonly Crawl[];
  readonly onChange: () => void;
}

/** Crawls that are repeated; nothing where there are none. */
export function Schedules({ schedules, crawls, onChange }: SchedulesProps) {
  const title = useRef<HTMLHeadingElement>(null);
  const count = useRef(0);
  useEffect(() => {
    // A schedule that was deleted takes the button with the focus with it.
    const isFewer = schedules.length < count.current;
    count.current = schedules.length;
    if (isFewer && document.activeElement === document.body)
      (title.current ?? document.querySelector('main'))?.focus({ preventScroll: true });
  }, [schedules.length]);
  if (schedules.length === 0) return null;
  const rowOf = (schedule: Schedule): TableRow => {
    const { id, url, collection, nextAt, lastCrawlId } = schedule;
    const listed = crawls.find((crawl) => crawl.id === lastCrawlId);
    return {
      key: id,
      cells: [
        <>
          {url}
          <div class="quiet">{texts.crawls.into(collection)}</div>
        </>,
        ruleOf(schedule.schedule),
        nextAt === null ? <span class="state">{texts.schedules.paused}</span> : when(nextAt),
        <LastCrawl schedule={schedule} listed={listed} />,
        <Actions schedule={schedule} onChange={onChange} />,
      ],
    };
  };
  return (
    <section aria-labelledby="schedules-title">
      <h2 id="schedules-title" ref={title} tabIndex={-1}>
        {texts.schedules.title}
      </h2>
      <Table columns={texts.schedules.columns} rows={schedules.map(rowOf)} />
    </section>
  );
}

interface LastCrawlProps {
  readonly schedule: Schedule;
  readonly listed: Crawl | undefined;
}

/** Its status, unless the crawler has forgotten it by now. */
function LastCrawl({ schedule: { lastCrawlId: id, lastAt }, listed }: LastCrawlProps) {
  const read = useLoaded(async (signal) => listed ?? crawler.value.getCrawl(id, { signal }), {
    deps: [crawler.value, id, listed?.status],
  });
  const status = (listed ?? read.value.value)?.status;
  return (
    <>
      {status !== undefined && (
        <a class="words" href={linkTo('crawls', id)}>
          {texts.crawls.states[status]}
        </a>
      )}
      <div class="quiet">{when(lastAt)}</div>
    </>
  );
}

interface ActionsProps {
  readonly schedule: Schedule;
  readonly onChange: () => void;
}

function Actions({ schedule: { id, url, paused }, onChange }: ActionsProps) {
  const error = useSignal<unknown>(undefined);
  const action = paused ? texts.schedules.continue : texts.schedules.pause;
  async function change() {
    error.value = undefined;
    try {
      await crawler.value.changeSchedule(id, { paused: !paused });
      onChange();
    } catch (reason) {
      error.value = reason;
    }
  }
  return (
    <>
      <div class="buttons">
        <button
          type="button"
          class="quiet"
          aria-label={texts.schedules.nameOf(action, url)}
          onClick={() => void change()}
        >
          {action}
        </button>
        <ConfirmButton
          label={texts.schedules.delete}
          name={texts.schedules.nameOf(texts.schedules.delete, url)}
          question={texts.schedules.askDelete(url)}
          action={texts.schedules.delete}
          run={async () => {
            await crawler.value.deleteSchedule(id);
            onChange();
          }}
        />
      </div>
      <CrawlerAway error={error.value} />
    </>
  );
}
