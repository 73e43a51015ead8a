import { deadlineIn } from '@xnai/resilience';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ModelCall, ModelReply } from './child/messages.ts';
import { createLlamaEmbedder } from './llama-embedder.ts';
import { createLlamaReranker } from './llama-reranker.ts';
import type { RoleProcess } from './process/role-process.ts';
import { createTestBreakers } from './testing/open-test-models.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000, toFake: ['Date', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** A process that takes 10 ms for each text, and counts the calls. */
function createSlowProcess() {
  const calls: ModelCall[] = [];
  const process: RoleProcess = {
    state: () => ({ status: 'ready', detail: '' }),
    info: () => undefined,
    onReady: () => undefined,
    share: () => undefined,
    call: () => ({ abort: () => undefined }),
    async ask(call): Promise<ModelReply> {
      calls.push(call);
      const texts = 'texts' in call ? call.texts : [];
      vi.advanceTimersByTime(10 * texts.length);
      return call.kind === 'rerank'
        ? { kind: 'scores', scores: texts.map(() => 0.5), tokens: 1 }
        : {
            kind: 'vectors',
            vectors: texts.map(() => new Float32Array([1])),
            parts: texts.map(() => 1),
            tokens: 1,
          };
    },
  };
  return { calls, process };
}

const inTime = (timeoutMs: number | undefined) =>
  timeoutMs === undefined ? undefined : deadlineIn(timeoutMs);
const TEXTS = Array.from({ length: 100 }, () => 'a text of some words');

it.each(['embed', 'rerank'] as const)(
  '%s is refused at once when there is not time for all texts',
  async (role) => {
    const { calls, process } = createSlowProcess();
    const breakers = createTestBreakers();
    const refusals: string[] = [];
    const onRefusal = (reason: string) => refusals.push(reason);
    const deps = { process, breaker: breakers.get(role), onRefusal, onBusy: () => undefined };
    const embedder = createLlamaEmbedder(deps);
    const reranker = createLlamaReranker(deps);
    const read = (texts: readonly string[], timeoutMs?: number) =>
      role === 'embed'
        ? embedder.embed(texts, 'plain', { deadline: inTime(timeoutMs) })
        : reranker.rerank('x', texts, { deadline: inTime(timeoutMs) });
    await read(TEXTS.slice(0, 8));
    calls.length = 0;
    await expect(read(TEXTS, 500)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(calls).toEqual([]);
    expect(refusals).toEqual(['deadline']);
    await read(TEXTS, 1_500);
    expect(calls.length).toBeGreaterThan(0);
    await breakers.close();
  },
);

it('a question goes ahead of texts that are embedded in the background', async () => {
  const { calls, process } = createSlowProcess();
  const breakers = createTestBreakers();
  const deps = {
    process,
    breaker: breakers.get('embed'),
    onRefusal: () => undefined,
    onBusy: () => undefined,
  };
  const embedder = createLlamaEmbedder(deps);
  const inBackground = embedder.embed(TEXTS, 'plain', { priority: 'background' });
  const more = embedder.embed(TEXTS, 'plain', { priority: 'background' });
  await embedder.embed(['a question'], 'query');
  // At most the batch that was begun when it came.
  expect(calls.length).toBeLessThanOrEqual(2);
  await Promise.all([inBackground, more]);
  expect(calls.length).toBe(27);
  await breakers.close();
});
