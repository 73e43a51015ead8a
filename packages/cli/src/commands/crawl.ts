import type { Crawl, CrawlCounters } from '@xnai/contracts';
import type { ClientError, CrawlClient, CrawlEvent } from '@xnai/contracts/client';
import { crawlText } from '@xnai/mcp/texts';
import type { Command } from 'commander';
import { addCommand, type Call, type Outcome, type Session } from '../command.ts';
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

/** Until the crawl's end. A connection that breaks is resumed where it broke. */
async function follow(crawler: CrawlClient, id: string, call: CrawlCall): Promise<void> {
  const { signal, terminal } = call;
  let left = RESUMES;
  const onLost = (error: ClientError) => {
    terminal.status(undefined);
    if (left === 0) throw error;
    left -= 1;
  };
  try {
    for await (const event of crawler.followCrawl(id, { signal, onLost })) showEvent(event, call);
  } catch (error) {
    terminal.status(undefined);
    if (!signal.aborted) throw error;
    return await offerToCancel(crawler, id, call);
  }
  terminal.status(undefined);
}

function showEvent({ event, data }: CrawlEvent, { say, terminal }: CrawlCall): void {
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
