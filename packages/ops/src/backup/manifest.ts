import { z } from 'zod';

/** Raised when an older version could not restore what a newer one writes. */
export const FORMAT = 1;

const Head = z.object({ seq: z.number().int(), hash: z.string() });

/** What a backup holds; the first file in it. */
export const Manifest = z.object({
  format: z.number().int(),
  /** Version of the product that made it. */
  version: z.string(),
  /** Fingerprint of the key that signs the stack's audit: names the stack. */
  stack: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  index: z.object({
    /** When this state of the index was read (ISO 8601). */
    takenAt: z.string(),
    format: z.number().int(),
    collections: z.number().int(),
    documents: z.number().int(),
    chunks: z.number().int(),
  }),
  /** Crawls that are repeated; undefined in a backup of a version that left them out. */
  schedules: z.number().int().optional(),
  /** The last line of each audit chain. */
  audit: z.record(z.string(), Head),
  /** What was wrong with the audit when it was packed; undefined in a backup of a version that did not look. */
  auditFaults: z.array(z.string()).optional(),
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * Lies beside a backup, and is written only after the backup was read back from the target and had this hash. Without it
 * a file is no backup.
 */
export const Receipt = z.object({
  name: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  encrypted: z.boolean(),
  manifest: Manifest.omit({ files: true }),
});
export type Receipt = z.infer<typeof Receipt>;

export const MANIFEST = 'manifest.json';
