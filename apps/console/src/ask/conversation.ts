import { signal } from '@preact/signals';
import type { QueryResponse } from '@xnai/contracts';
import { rag } from '../api.ts';
import { texts } from '../texts.ts';

/** A question as it stands. The panel may be left and opened again meanwhile. */
export type Asked =
  | { readonly phase: 'nothing' }
  | { readonly phase: 'asking'; readonly text: string; readonly sources: number }
  | { readonly phase: 'answered'; readonly collection: string; readonly answer: QueryResponse }
  | { readonly phase: 'cancelled' }
  | { readonly phase: 'failed'; readonly error: unknown };

export const question = signal('');
export const asked = signal<Asked>({ phase: 'nothing' });
let current: AbortController | undefined;

/** Asks, and ends the question before it. What is shown of a stream has been checked by rag. */
export async function ask(query: string, collection: string): Promise<void> {
  current?.abort();
  const controller = new AbortController();
  current = controller;
  const { signal: cancelled } = controller;
  asked.value = { phase: 'asking', text: '', sources: 0 };
  try {
    await follow(query, collection, cancelled);
  } catch (error) {
    if (!cancelled.aborted) asked.value = { phase: 'failed', error };
  }
}

export function cancel(): void {
  current?.abort();
  asked.value = { phase: 'cancelled' };
}

async function follow(query: string, collection: string, cancelled: AbortSignal): Promise<void> {
  for await (const { event, data } of rag.value.queryStream({ query, collection }, { signal: cancelled })) {
    if (cancelled.aborted) return;
    if (event === 'done') asked.value = { phase: 'answered', collection, answer: data };
    const now = asked.value;
    if (now.phase !== 'asking') continue;
    if (event === 'sources') asked.value = { ...now, sources: data.citations.length };
    if (event === 'token') asked.value = { ...now, text: now.text + data.text };
  }
  if (asked.value.phase === 'asking' && !cancelled.aborted) throw new Error(texts.errors.endedEarly);
}
