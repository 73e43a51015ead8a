import type { FastifyRequest } from 'fastify';

/** `web` writes pages of the web alone. */
export const WRITE_SCOPES = ['ingest', 'web'] as const;

/** `web` reads pages of the web alone. */
export const READ_SCOPES = ['query', 'web'] as const;

/** Whether the key of the caller may change pages of the web alone. */
export function isForWebOnly({ caller }: Pick<FastifyRequest, 'caller'>): boolean {
  return caller?.scopes.includes('ingest') !== true;
}
