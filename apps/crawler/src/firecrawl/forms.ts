import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

export const IdParams = z.object({ id: z.string() });

export const StatusQuery = z.object({
  skip: z.coerce.number().int().min(0).max(999_999_999).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(100),
});

export const Body = z.looseObject({}).describe('As Firecrawl has it; what is not offered is refused by name');

/** As the client reached this server. */
export function originOf({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return `${protocol}://${host}`;
}
