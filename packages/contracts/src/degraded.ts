import { z } from 'zod';

/** What an answer or a service went without. */
export const DegradedToken = z
  .enum([
    'redis',
    'model',
    'embedder',
    'reranker',
    'memory',
    'rag',
    'unsupported-answer',
    'browser',
    'browser-sandbox',
  ])
  .meta({ id: 'DegradedToken' });
export type DegradedToken = z.infer<typeof DegradedToken>;

export const Degraded = z.array(DegradedToken).meta({ id: 'Degraded' });
