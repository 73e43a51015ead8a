import { z } from 'zod';
import { NextCursor, PageQuery } from './paging.ts';

/** The query string of `GET /v1/audit`. */
export const AuditQuery = PageQuery.extend({
  since: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'expected a time such as 2027-01-15T09:30:00Z, or a date such as 2027-01-15',
    })
    .optional()
    .describe('Only acts from this time on: a date, or a time with its zone'),
  by: z.string().min(1).max(200).optional().describe('Part of the name or id of a key, or of a user'),
  action: z
    .string()
    .max(100)
    .regex(/^[a-z]+(\.[a-z]+)?$/, 'expected an act such as document.delete, or a kind such as document')
    .optional()
    .describe('An act such as `document.delete`, or all of a kind: `document`'),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** The members have the order that they have in the chain, so that a client can compute the hash again. */
export const AuditAct = z
  .object({
    seq: z.int().describe('Number of the line in the chain of its writer, from 1'),
    at: z.string().describe('When it was recorded, before it was done; ISO 8601'),
    writer: z.string().describe('Whose chain it is in: `rag`, `crawler` or `commands`'),
    what: z
      .string()
      .describe('Thing and verb: `document.delete`. `act.failed`: that of `of.seq` was not done'),
    by: z.string().optional().describe('Name and id of the API key, or the user of a command'),
    from: z.string().optional().describe('Network address of the caller'),
    request: z.string().optional().describe('Request id, as in the log'),
    of: z.record(z.string(), z.unknown()).optional().describe('What it was about'),
    prev: z.string().describe('Hash of the line before in the same chain'),
    hash: z
      .string()
      .describe('SHA-256 of the line, in hex: of its JSON without this member and without the closing brace'),
  })
  .meta({ id: 'AuditAct', description: 'One line of an audit chain' });
export type AuditAct = z.infer<typeof AuditAct>;

/** Answer of `GET /v1/audit`. */
export const AuditActList = z
  .object({ acts: z.array(AuditAct).describe('The newest first'), next_cursor: NextCursor })
  .meta({ id: 'AuditActList' });
export type AuditActList = z.infer<typeof AuditActList>;
