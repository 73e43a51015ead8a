import { Counter, type Registry } from 'prom-client';

const OUTCOMES = ['hit', 'shared', 'miss', 'bypass'] as const;
export type ReuseOutcome = (typeof OUTCOMES)[number];

/** How questions were answered: from the cache, by the answer to an equal question at the same time, or anew. */
export function createReuseMetrics() {
  const asked = new Counter({
    name: 'rag_answer_cache_questions_total',
    help: 'Questions, by whether an answer was kept (hit), being made (shared), neither (miss), or not wanted (bypass)',
    labelNames: ['outcome'],
    registers: [],
  });
  for (const outcome of OUTCOMES) asked.inc({ outcome }, 0);
  const kept = new Counter({
    name: 'rag_answer_cache_kept_total',
    help: 'Answers that were put into the cache',
    registers: [],
  });
  return {
    asked: (outcome: ReuseOutcome) => asked.inc({ outcome }),
    kept: () => kept.inc(),
    register: (registry: Registry): void => {
      for (const metric of [asked, kept]) registry.registerMetric(metric);
    },
  };
}

export type ReuseMetrics = ReturnType<typeof createReuseMetrics>;
