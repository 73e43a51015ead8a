import { z } from 'zod';

/** What a PostgreSQL server says of itself and of the store in it. */
export const DatabaseFacts = z.object({
  version: z.string(),
  pgvector: z.string().optional().describe('Absent: the extension is not in the database'),
  search: z.string().describe('By which terms are found: pg_textsearch with its version, or postings'),
  format: z.number().describe('Of the tables; 0: there are none yet'),
  newestFormat: z.number().describe('That this release makes'),
  bytes: z.number().describe('Of the database on the disk of the server'),
  connections: z.number().describe('That all of its clients together may have, but for superusers'),
  used: z.number().describe('Connections that clients have now, but for those of rag'),
});
export type DatabaseFacts = z.infer<typeof DatabaseFacts>;

/** What the process that looks at a database says. */
export const DatabaseLook = z.object({
  problem: z.string().optional().describe('Why rag would not start on it, as its start says it'),
  facts: DatabaseFacts.optional().describe('Absent: it cannot be asked'),
});
export type DatabaseLook = z.infer<typeof DatabaseLook>;
