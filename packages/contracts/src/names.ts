import { z } from 'zod';

/** Name of a collection: 1 to 64 characters. */
export const CollectionName = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/, 'expected 1 to 64 characters of a-z 0-9 _ -')
  .describe('Name of a collection')
  .meta({ id: 'CollectionName' });
export type CollectionName = z.infer<typeof CollectionName>;

/** Id of a document: 1 to 200 characters. */
export const DocumentId = z
  .string()
  .regex(/^[A-Za-z0-9_.:~-]{1,200}$/, 'expected 1 to 200 characters of A-Z a-z 0-9 . _ : ~ -')
  .refine((id) => id !== '.' && id !== '..', 'expected an id other than . and ..')
  .describe('Id of a document, unique in its collection')
  .meta({ id: 'DocumentId' });
export type DocumentId = z.infer<typeof DocumentId>;
