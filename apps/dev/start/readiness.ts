import type { DegradedToken, Readiness } from '@xnai/contracts';
import { createRagClient } from '@xnai/contracts/client';
import { withTimeLimit } from '@xnai/resilience';
import { pollUntil } from './poll-until.ts';
import { StartError } from './start-error.ts';

const START_MS = 60_000;
const REQUEST_MS = 2_000;

/** @throws {StartError} when the service does not answer within a minute */
export async function waitUntilUp(name: string, url: string, signal: AbortSignal): Promise<void> {
  const isUp = async () => (await readReadiness(url)) !== undefined;
  if ((await pollUntil(isUp, { timeoutMs: START_MS, signal })) || signal.aborted) return;
  throw new StartError(`${name} does not answer at ${url}/readyz, ${START_MS / 1000} s after its start`);
}

/** One line for each missing component. Waits up to `timeoutMs` until the services are connected to Redis and rag. */
export async function readMissing(urls: readonly string[], timeoutMs: number): Promise<readonly string[]> {
  let answers: readonly Readiness[] = [];
  const areConnected = async () => {
    answers = (await Promise.all(urls.map(readReadiness))).filter((answer) => answer !== undefined);
    return !answers.some(({ degraded }) => degraded.includes('redis') || degraded.includes('rag'));
  };
  await pollUntil(areConnected, { timeoutMs });
  return [...new Set(answers.flatMap(describeMissing))];
}

const MEANINGS: Readonly<Partial<Record<DegradedToken, string>>> = {
  redis: 'Redis: crawls are off, everything else works',
  model: 'a model: answers are extractive (the best sentences of the sources, with citations)',
  embedder: 'an embedder: search is by words, not by meaning',
  reranker: 'a reranker: results keep the order of the search',
  browser: 'a browser: pages are fetched without running their scripts',
  'browser-sandbox': 'a sandbox for the browser: Chromium has none when it runs as root',
  rag: 'rag: crawled pages wait until rag is reachable',
  memory: 'enough memory: new work is delayed or refused',
};

/** What is being fetched for them, or why they are not there, is worth telling at the start. */
const MODELS: readonly string[] = ['model', 'embedder', 'reranker'];

/** One line for each component that is degraded, not configured, or not there yet. */
export function describeMissing({ checks, degraded }: Readiness): readonly string[] {
  // Without a memory limit the check of memory is absent, which is no loss.
  const isAbsent = (name: string) => checks[name]?.status === 'absent' && name !== 'memory';
  // Whether the browser has a sandbox is known once it runs; the log tells it then.
  const isStarting = (name: string) => checks[name]?.status === 'starting' && name !== 'browser-sandbox';
  const absent = Object.keys(checks).filter((name) => isAbsent(name) || isStarting(name));
  const tokens = new Set([...degraded, ...absent.filter((name) => name in MEANINGS)]);
  return [...tokens].map((token) => {
    const meaning = MEANINGS[token as DegradedToken] ?? token;
    const why = MODELS.includes(token) ? checks[token]?.detail : undefined;
    const facts = [
      ...(isStarting(token) ? ['it is starting'] : []),
      ...(typeof why === 'string' ? [why] : []),
    ];
    return facts.length === 0 ? meaning : `${meaning} (${facts.join(': ')})`;
  });
}

/** Undefined when the service does not answer. */
async function readReadiness(url: string): Promise<Readiness | undefined> {
  const client = createRagClient({ baseUrl: url });
  return withTimeLimit(({ signal }) => client.readiness({ signal }), { timeoutMs: REQUEST_MS }).catch(
    () => undefined,
  );
}
