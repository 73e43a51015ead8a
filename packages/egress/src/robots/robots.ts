import { setTimeout as delay } from 'node:timers/promises';
import type { Fetcher } from '../fetch/fetcher.ts';
import { FetchError } from '../fetch-error.ts';
import { parseRobots, type RobotsRules } from './robots-rules.ts';

export interface RobotsDeps {
  readonly fetcher: Fetcher;
  /** Product token that robots.txt files may name. */
  readonly agent?: string;
  readonly retryDelayMs?: number;
}

export interface RobotsVerdict {
  readonly allowed: boolean;
  /** `not-public`: the origin itself is one that nothing is fetched from. */
  readonly reason?: 'robots' | 'robots-unreachable' | 'not-public';
  /** Why robots.txt could not be fetched. */
  readonly failure?: FetchError;
  /** The line of robots.txt that forbids the URL. */
  readonly line?: string;
  readonly crawlDelayMs?: number;
  readonly sitemaps: readonly string[];
}

export interface Robots {
  /**
   * @throws {FetchError} `cancelled`
   * @throws any error of the fetcher that is no FetchError, such as that of a breaker around it
   */
  check(url: string, signal?: AbortSignal): Promise<RobotsVerdict>;
}

const ROBOTS_AGENT = 'XoeNovAI';

/** RFC 9309 section 2.5: at least 500 KiB are read; the rest is ignored. */
const MAX_ROBOTS_BYTES = 500 * 1024;

const NO_RULES = parseRobots('', ROBOTS_AGENT, 'about:blank');

/** An error: robots.txt could not be fetched. */
type Outcome = RobotsRules | 'not-public' | FetchError;

/** Fetches the robots.txt of each origin once in the life of this object; concurrent checks share that request. */
export function createRobots({ fetcher, agent = ROBOTS_AGENT, retryDelayMs = 500 }: RobotsDeps): Robots {
  const outcomes = new Map<string, Promise<Outcome>>();

  async function load(origin: string, signal: AbortSignal | undefined): Promise<Outcome> {
    const first = await fetchRules(fetcher, origin, agent, signal);
    if (!(first instanceof FetchError) || !first.retryable) return first;
    // One lost packet should not cost a whole site.
    await delay(retryDelayMs, undefined, signal && { signal }).catch(() => {
      throw new FetchError('cancelled');
    });
    return fetchRules(fetcher, origin, agent, signal);
  }

  function outcomeOf(origin: string, signal: AbortSignal | undefined): Promise<Outcome> {
    const known = outcomes.get(origin);
    if (known !== undefined) return known;
    const loading = load(origin, signal);
    outcomes.set(origin, loading);
    // A load that was cancelled or rejected says nothing about the origin.
    loading.catch(() => outcomes.delete(origin));
    return loading;
  }

  return {
    check: async (text, signal) => {
      const url = new URL(text);
      return toVerdict(await outcomeOf(url.origin, signal), url);
    },
  };
}

function toVerdict(outcome: Outcome, url: URL): RobotsVerdict {
  // The file itself may always be read.
  if (url.pathname === '/robots.txt') return { allowed: true, sitemaps: [] };
  if (outcome === 'not-public') return { allowed: false, reason: 'not-public', sitemaps: [] };
  if (outcome instanceof FetchError) {
    return { allowed: false, reason: 'robots-unreachable', failure: outcome, sitemaps: [] };
  }
  const { sitemaps, crawlDelayMs } = outcome;
  const found = { sitemaps, ...(crawlDelayMs !== undefined && { crawlDelayMs }) };
  if (outcome.isAllowed(url)) return { allowed: true, ...found };
  const line = outcome.lineFor(url);
  return { allowed: false, reason: 'robots', ...(line !== undefined && { line }), ...found };
}

/**
 * RFC 9309 section 2.3.1: no file (4xx, or redirects without end) allows everything; trouble (5xx, no connection)
 * forbids everything. 429 is trouble too: the server asks to be left alone, not to be crawled without rules.
 */
async function fetchRules(
  fetcher: Fetcher,
  origin: string,
  agent: string,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const url = `${origin}/robots.txt`;
  try {
    const response = await fetcher.open(url, { signal, accept: 'text/plain,*/*;q=0.5' });
    const { status } = response;
    if (status >= 200 && status < 300)
      return parseRobots(await readStart(response.chunks), agent, response.url);
    response.cancel();
    const isTrouble = status >= 500 || status === 429;
    return isTrouble ? new FetchError('http-error', { url, status, retryable: true }) : NO_RULES;
  } catch (error) {
    if (!(error instanceof FetchError) || error.code === 'cancelled') throw error;
    return afterFailure(error, fetcher, origin);
  }
}

async function afterFailure(error: FetchError, fetcher: Fetcher, origin: string): Promise<Outcome> {
  if (error.code === 'too-many-redirects') return NO_RULES;
  return error.code === 'not-public' && (await isRefused(fetcher, origin)) ? 'not-public' : error;
}

/** Whether it is the origin that leads inside, and not a redirect of its robots.txt. */
function isRefused(fetcher: Fetcher, origin: string): Promise<boolean> {
  return fetcher.check(origin).then(
    () => false,
    () => true,
  );
}

async function readStart(chunks: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ROBOTS_BYTES) break;
  }
  const text = Buffer.concat(parts).subarray(0, MAX_ROBOTS_BYTES).toString('utf8');
  // A rule cut in half would say something else.
  return bytes > MAX_ROBOTS_BYTES ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}
