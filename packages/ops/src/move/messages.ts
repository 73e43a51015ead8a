import { z } from 'zod';

export const MoveProgress = z.object({
  step: z.enum(['documents', 'vectors']),
  pass: z.number().describe('From 1'),
  done: z.number(),
  documents: z.number().describe('Of the source, at the start'),
});
export type MoveProgress = z.infer<typeof MoveProgress>;

export const Moved = z.object({
  documents: z.number().describe('In the target, at the end'),
  chunks: z.number(),
  copied: z
    .number()
    .describe('Documents that were brought to the target; those that changed meanwhile count again'),
  deleted: z.number(),
  passes: z.number(),
  isWhole: z
    .boolean()
    .describe(
      'The last pass found each document of the source in the target with the same hash, and equal counts',
    ),
  differed: z.array(z.string()).readonly().describe('Some documents that the last pass found to differ'),
  vectors: z.array(z.object({ model: z.string(), embedded: z.number(), pending: z.number() })),
});
export type Moved = z.infer<typeof Moved>;

/** What the process that moves a store says to the one that started it. */
export const MoveMessage = z.union([z.object({ progress: MoveProgress }), z.object({ moved: Moved })]);
export type MoveMessage = z.infer<typeof MoveMessage>;
