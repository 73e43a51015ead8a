import { z } from 'zod';

export const DegradedToken = z
  .enum([
    'redis',
    'model',
    'model-server',
    'judge',
    'embedder',
    'reranker',
    'memory',
    'rag',
    'unsupported-answer',
    'browser',
    'browser-sandbox',
  ])
  .meta({ id: 'DegradedToken', description: 'A part that an answer or a service went without' });
export type DegradedToken = z.infer<typeof DegradedToken>;

export const Degraded = z
  .array(DegradedToken)
  .meta({ id: 'Degraded', description: 'All that an answer or a service went without; empty when nothing' });
