import { z } from 'zod';

/** What an answer or a service went without. */
export const DegradedToken = z
  .enum([
    'redis',
    'model',
    'judge',
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

/** All that an answer or a service went without; empty when nothing. */
export const Degraded = z.array(DegradedToken).meta({ id: 'Degraded' });
