import type { Resource } from '@xnai/resilience';
import type { onRequestAsyncHookHandler } from 'fastify';

/**
 * Refuses new work while memory is nearly used up.
 * @throws {ResilienceError} RESOURCE_EXHAUSTED then
 */
export function admitWork(memory: Pick<Resource, 'admit'>): onRequestAsyncHookHandler {
  return async () => memory.admit('heavy');
}
