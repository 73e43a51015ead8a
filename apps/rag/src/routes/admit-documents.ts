import type { Resource } from '@xnai/resilience';
import type { onRequestAsyncHookHandler } from 'fastify';

/**
 * Refuses documents while memory is short, before their bodies are read. What our own services send (their keys are
 * exempt from the rate limit) can wait, and is put off first.
 *
 * @throws ResilienceError RESOURCE_EXHAUSTED
 */
export function admitDocuments(memory: Pick<Resource, 'admit'>): onRequestAsyncHookHandler {
  return async ({ caller }) => memory.admit(caller?.exempt === true ? 'background' : 'heavy');
}
