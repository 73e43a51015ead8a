import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

export const IdParams = z.object({ id: z.string().describe('Of the crawl or batch') });

export const StatusQuery = z.object({
  skip: z.coerce.number().int().min(0).max(999_999_999).default(0).describe('Number of pages to leave out'),
  limit: z.coerce.number().int().min(1).max(100).default(100).describe('Largest number of pages'),
});

/** A body as Firecrawl has it, whose fields are checked where each becomes one of our own. */
export function bodyLike(example: Readonly<Record<string, unknown>>) {
  return z.looseObject({}).meta({
    description: 'As Firecrawl has it; what is not offered is refused by name',
    examples: [example],
  });
}

/** As the client reached this server. */
export function originOf({ protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>): string {
  return `${protocol}://${host}`;
}
