import { type Breaker, withTimeLimit } from '@xnai/resilience';
import type { Check, CheckOutcome } from '@xnai/service';
import type { Store } from './store.ts';

export interface StoreCheckDeps {
  /** Not the guarded one: the check must look at the store itself. */
  readonly store: Pick<Store, 'stats'>;
  /** Of the guarded one, which tells what other calls succeed. */
  readonly breaker: Pick<Breaker, 'onSuccess'>;
  readonly nowMs?: () => number;
}

/** Within the time that `/readyz` gives its checks. */
const ANSWER_MS = 1_500;
/** A store that hangs is down after it. */
const RECENT_MS = 5_000;

/** A store that gives the check no answer in time is busy while it answers others, and down when it answers nobody. */
export function createStoreCheck({ store, breaker, nowMs = () => performance.now() }: StoreCheckDeps): Check {
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  breaker.onSuccess(() => {
    answeredAtMs = nowMs();
  });
  return {
    name: 'store',
    essential: true,
    async check(signal) {
      const late = new Error('late');
      const limit = { timeoutMs: ANSWER_MS, signal, reason: () => late };
      try {
        return await withTimeLimit((context) => readFigures(store, context.signal), limit);
      } catch (error) {
        if (error !== late) throw error;
        return withoutAnswer(nowMs() - answeredAtMs);
      }
    },
  };
}

async function readFigures(store: StoreCheckDeps['store'], signal: AbortSignal): Promise<CheckOutcome> {
  const stats = await store.stats({ signal, isCheck: true });
  const detail = {
    documents: stats.documents,
    chunks: stats.chunks,
    documents_to_reread: stats.outdated,
    documents_to_reindex: stats.unindexed,
    file_bytes: stats.fileBytes,
    engine: stats.engine,
  };
  return { status: 'ok', detail };
}

function withoutAnswer(ageMs: number): CheckOutcome {
  const summary = `no answer in ${ANSWER_MS} ms`;
  if (ageMs > RECENT_MS) return { status: 'down', detail: summary };
  return {
    status: 'degraded',
    detail: `busy: ${summary}, but another call was answered ${Math.round(ageMs)} ms ago`,
  };
}
