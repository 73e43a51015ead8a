import { setTimeout as delay } from 'node:timers/promises';
import type { Crawl } from '@xnai/contracts';
import { type Balanced, type BalancedOptions, openBalanced, type Seen } from './balanced.ts';

export interface LoadOptions {
  /** Of the documents; each crawl has one that begins so. */
  readonly collection: string;
  readonly clients: number;
  /** How many of them crawl. */
  readonly crawlers: number;
  readonly site: string;
}

export interface Load extends Pick<LoadOptions, 'collection'> {
  readonly seen: Seen;
  /** Ids of the documents that were acknowledged. */
  readonly documents: readonly string[];
  /** Crawls that were acknowledged, after their ends. */
  readonly crawls: readonly Crawl[];
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const POLL_MS = 500;

/** A word that one document alone has. */
export const wordOf = (id: string) => `heron${id.replace('-', 'x')}`;

/** Clients that write a document each, search for it and ask, and some that crawl, until they are stopped. */
export function startLoad(
  balancer: BalancedOptions,
  { collection, clients, crawlers, site }: LoadOptions,
): Load {
  const seen: Seen = { answered: 0, refused: 0, failed: [] };
  const documents: string[] = [];
  const crawls: Crawl[] = [];
  let isStopped = false;

  async function write(client: Balanced, nth: number): Promise<void> {
    for (let n = 0; !isStopped; n += 1) {
      const id = `${nth}-${n}`;
      const content = `The ${wordOf(id)} stands in the shallows of lake ${n} at dawn.`;
      const path = `/v1/collections/${collection}/documents/${id}`;
      if ((await client.rag('PUT', path, { content, content_type: 'text/plain' })) !== undefined)
        documents.push(id);
      await client.rag('POST', '/v1/search', { query: wordOf(id), collection });
      await client.rag('POST', '/v1/query', {
        query: `Where does the ${wordOf(id)} stand?`,
        collection,
      });
    }
  }

  async function crawl(client: Balanced, nth: number): Promise<void> {
    for (let n = 0; !isStopped; n += 1) {
      const begun = await client.crawler<{ id: string }>('POST', '/v1/crawls', {
        url: site,
        collection: `${collection}-${nth}-${n}`,
        render: 'never',
      });
      if (begun !== undefined) crawls.push(await ended(client, begun.id));
    }
  }

  const work = Promise.all(
    Array.from({ length: clients }, async (_, nth) => {
      using client = openBalanced(balancer, seen);
      await (nth < crawlers ? crawl(client, nth) : write(client, nth));
    }),
  );
  // Whoever stops it is told of a fault; nobody else is.
  work.catch(() => {});
  async function stop(): Promise<void> {
    isStopped = true;
    await work;
  }
  const dispose = () => stop().catch(() => {});
  return { collection, seen, documents, crawls, stop, [Symbol.asyncDispose]: dispose };
}

/** The crawl after its end. @throws Error when that cannot be asked for */
export async function ended(client: Balanced, id: string): Promise<Crawl> {
  for (;;) {
    const crawl = await client.crawler<Crawl>('GET', `/v1/crawls/${id}`);
    if (crawl === undefined) throw new Error(`the crawl ${id} cannot be asked for`);
    if (crawl.finishedAt !== null) return crawl;
    await delay(POLL_MS);
  }
}
