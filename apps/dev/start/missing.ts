import type { DegradedToken, Readiness } from '@xnai/contracts';

const MEANINGS: Readonly<Partial<Record<DegradedToken, string>>> = {
  redis: 'Redis: crawls are off, everything else works',
  model: 'a model: answers are extractive (the best sentences of the sources, cited)',
  embedder: 'an embedder: search is lexical',
  reranker: 'a reranker: results stay in the order that search finds them',
  browser: 'a browser: pages are fetched without running their scripts',
  'browser-sandbox': 'a sandbox for the browser: Chromium has none for root',
  rag: 'rag: crawled pages wait until it is back',
  memory: 'enough memory: work is put off or refused',
};

/** One line for each thing that a service goes without: what is degraded, and what nobody has configured. */
export function describeMissing({ checks, degraded }: Readiness): readonly string[] {
  // Memory that nobody limits is not missing.
  const absent = Object.keys(checks).filter((name) => checks[name]?.status === 'absent' && name !== 'memory');
  const tokens = new Set([...degraded, ...absent.filter((name) => name in MEANINGS)]);
  return [...tokens].map((token) => MEANINGS[token as DegradedToken] ?? token);
}
