import { z } from 'zod';
import { type Circuit, type Forced, largestGeneration, newCircuit } from '../circuit/circuit.ts';

/** The numbers that survive Lua's JSON. */
const largest = 99_999_999_999_999;

const digits = z.string().regex(/^\d+$/).transform(Number);
export const number = digits.refine((n) => n <= largest);

/** What a view is made of, read as the scripts do: a value that does not parse counts as absent. */
const record = z.object({
  schema: z.string().optional(),
  state: z.enum(['closed', 'open', 'half-open']).catch('closed'),
  /** A larger number cannot come from changes: the record was written by hand. */
  generation: number.refine((n) => n <= largestGeneration).catch(0),
  until: number.catch(0),
  attempt: number.catch(0),
  forced_by: z.string().optional(),
  forced_reason: z.string().default(''),
  forced_until: number.optional().catch(undefined),
  cause: z.string().optional(),
  changed_by: z.string().optional(),
  changed_at: number.catch(0),
});

export const recordFields = Object.keys(record.shape);

export const circuitOf = (fields: Readonly<Record<string, string | undefined>>): Circuit => {
  const { state, generation, until, attempt, cause, changed_by, changed_at, ...rest } = record.parse(fields);
  const forced: Forced | undefined =
    rest.forced_by === undefined
      ? undefined
      : { by: rest.forced_by, reason: rest.forced_reason, untilMs: rest.forced_until };
  const changed = { changedBy: changed_by, changedAtMs: changed_at };
  return { ...newCircuit, state, generation, untilMs: until, attempt, forced, cause, ...changed };
};
