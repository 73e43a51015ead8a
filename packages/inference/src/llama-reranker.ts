import type { Breaker } from '@xnai/resilience';
import { Admission, type Refusal } from './admission/admission.ts';
import { createReadingRates } from './admission/reading-rates.ts';
import { askGuarded } from './ask-guarded.ts';
import type { Reranker } from './model.ts';
import type { RoleProcess } from './process/model-slot.ts';

export interface LlamaRerankerDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly onRefusal: (reason: Refusal) => void;
  readonly onBusy: (isBusy: boolean) => void;
}

/** Reranks in a model process, one list of texts at a time. */
export function createLlamaReranker(deps: LlamaRerankerDeps): Reranker {
  const { process } = deps;
  const rates = createReadingRates();
  const admission = new Admission({
    slots: () => 1,
    capacity: { interactive: 16, background: 16 },
    onRefusal: deps.onRefusal,
    onBusy: deps.onBusy,
  });
  return {
    state: () => process.state(),
    info: () => process.info(),
    async rerank(query, texts, options = {}) {
      if (texts.length === 0) return { scores: [], tokens: 0 };
      const characters = texts.reduce((sum, text) => sum + query.length + text.length, 0);
      const ticket = await admission.enter(options, rates.expect(characters));
      const startedAt = performance.now();
      try {
        const reply = await askGuarded(deps, { kind: 'rerank', query, texts }, options);
        if (reply.kind !== 'scores') throw new TypeError(`a reranking was answered by ${reply.kind}`);
        rates.observe(characters, performance.now() - startedAt);
        return reply;
      } finally {
        ticket.release();
      }
    },
  };
}
