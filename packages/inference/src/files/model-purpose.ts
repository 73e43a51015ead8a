import type { ModelRole } from '../model.ts';

/** What a model is good for, for the person whose disk and network it takes. */
export const BRINGS: Readonly<Record<ModelRole, string>> = {
  generate: 'answers in the words of a model, with citations',
  embed: 'search by meaning beside search by words',
  rerank: 'a better order of search results',
};

/** How the service does without it. */
export const MEANWHILE: Readonly<Record<ModelRole, string>> = {
  generate: 'answers are extractive',
  embed: 'search is by words alone',
  rerank: 'results keep the order of the search',
};

/**
 * What a model is while it cannot be fetched. Without a hub an embedder or reranker is as if none were configured; answers
 * by a model were promised, and are missed. Other failures are faults that someone must mend.
 */
export function statusWithout(role: ModelRole, isUnreachable: boolean): 'absent' | 'down' {
  return isUnreachable && role !== 'generate' ? 'absent' : 'down';
}
