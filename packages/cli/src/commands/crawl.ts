import type { CRAWL_EVENTS, Crawl, CrawlCounters } from '@xnai/contracts';
import { ClientError, type CrawlClient, type StreamEvent } from '@xnai/contracts/client';
import { crawlText } from '@xnai/mcp/texts';
import type { Command } from 'commander';
import { addCommand, type Call, type Outcome, type Session } from '../command.ts';
import { pause } from '../pause.ts';
import { openStack } from '../stack.ts';
import { collectionOption, countOption, described } from './options.ts';

interface CrawlOptions {
  readonly collection: string;
  readonly limit: number;
  readonly follow?: true;
}

type CrawlCall = Call<CrawlOptions>;

export function addCrawl(program: Command, session: Session): void {
  const command = addCommand(program, 'crawl <url>', session, crawl);
  described(
    command,
    'crawl a site into a collection, or look at a crawl by its id',
    collectionOption(),
    countOption('-n, --limit <count>', 'of pages').default(100),
  );
  command.option('-f, --follow', 'show the progress until the end; Ctrl-C asks whether to cancel');
}

const CRAWL_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

async function crawl(call: CrawlCall): Promise<Outcome> {
  const { crawler } = await openStack();
  const { operands, options, signal } = call;
  const [target = ''] = operands;
  const id = CRAWL_ID.test(target) ? target : await submit(crawler, target, call);
  if (options.follow) await follow(crawler, id, call);
  const state = await crawler.getCrawl(id, signal.aborted ? {} : { signal });
  const isBad = state.status === 'failed' || state.status === 'cancelled';
  return { data: state, text: toText(state), code: isBad ? 1 : 0 };
}

async function submit(crawler: CrawlClient, url: string, { options, signal }: CrawlCall): Promise<string> {
  const { collection, limit } = options;
  return (await crawler.submitCrawl({ url, collection, limit }, { signal })).id;
}

function toText(crawl: Crawl): string {
  const hint = crawl.finishedAt === null ? `\nTo watch it: xnai crawl ${crawl.id} --follow` : '';
  return `${crawlText(crawl)}${hint}`;
}

const RESUMES = 10;
const RESUME_MS = 1000;

/** Until the crawl's end. A connection that breaks is resumed where it broke. */
async function follow(crawler: CrawlClient, id: string, call: CrawlCall): Promise<void> {
  const watch: Watch = { crawler, id, lastEventId: undefined, isFinished: false };
  try {
    for (let left = RESUMES; !watch.isFinished; left -= 1) {
      const broke = await showEvents(watch, call);
      if (broke !== undefined && left <= 0) throw broke;
      if (!watch.isFinished) await pause(RESUME_MS, call.signal);
    }
  } catch (error) {
    if (!call.signal.aborted) throw error;
    await offerToCancel(crawler, id, call);
  }
}

interface Watch {
  readonly crawler: CrawlClient;
  readonly id: string;
  /** The last event that was shown. */
  lastEventId: string | undefined;
  isFinished: boolean;
}

type Event = StreamEvent<typeof CRAWL_EVENTS>;

/** @returns why the events broke off, where the connection may be resumed */
async function showEvents(watch: Watch, call: CrawlCall): Promise<ClientError | undefined> {
  const { crawler, id, lastEventId } = watch;
  const from = lastEventId === undefined ? {} : { lastEventId };
  try {
    for await (const event of crawler.crawlEvents(id, { ...from, signal: call.signal })) {
      watch.lastEventId = event.id ?? watch.lastEventId;
      watch.isFinished = event.event === 'finished';
      showEvent(event, call);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ClientError && error.retryable) return error;
    throw error;
  } finally {
    call.terminal.status(undefined);
  }
}

function showEvent({ event, data }: Event, { say, terminal }: CrawlCall): void {
  if (event === 'page' && data.status === 'failed') say(`failed  ${data.url}  ${data.reason ?? ''}`);
  if (event === 'progress') terminal.status(progressText(data.counters));
}

function progressText({ fetched, indexed, unchanged, skipped, failed, queued }: CrawlCounters): string {
  return `fetched ${fetched}, indexed ${indexed}, unchanged ${unchanged}, skipped ${skipped}, failed ${failed}, waiting ${queued}`;
}

async function offerToCancel(crawler: CrawlClient, id: string, { terminal }: CrawlCall): Promise<void> {
  if (await terminal.confirm('\nCancel the crawl? [y/N] ')) await crawler.cancelCrawl(id);
  else terminal.say('The crawl goes on.');
}
