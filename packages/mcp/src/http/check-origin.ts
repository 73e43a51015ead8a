import { ServiceError } from '@xnai/service';
import type { onRequestAsyncHookHandler } from 'fastify';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests of pages that are neither the service's own on this machine nor listed. A page whose name was made to
 * resolve to this machine (DNS rebinding) has its own name in both headers, and is refused.
 */
export function checkOrigin(origins: readonly string[]): onRequestAsyncHookHandler {
  return async ({ headers: { origin, host } }) => {
    if (origin === undefined || origins.includes(origin)) return;
    const url = URL.parse(origin);
    if (url !== null && url.host === host && LOOPBACK.includes(url.hostname)) return;
    throw new ServiceError('ORIGIN_NOT_ALLOWED', {
      detail: `Pages of ${origin} may not use /mcp; XNAI_CORS_ORIGINS lists the origins that may`,
    });
  };
}
