import { z } from 'zod';
import type { SetCheck } from '../../store/vectors.ts';
import type { Evidence } from './check-collection.ts';

/** To be raised with every change of what is asked or counted: what an older release found is not used then. */
const METHOD = 2;

/** JSON has no NaN: a rate of no questions. */
const Rate = z
  .number()
  .nullable()
  .transform((rate) => rate ?? Number.NaN);

const KeptEvidence = z.object({
  method: z.literal(METHOD),
  weight: z.number().min(0).max(1),
  spread: z.number().optional(),
  asked: z.int(),
  hitRates: z.object({ lexical: Rate, dense: Rate, hybrid: Rate }),
});

/** What was found out about a collection with the vectors of one set. */
export interface Known extends Evidence, Pick<SetCheck, 'collection' | 'set' | 'chunks' | 'checkedAt'> {}

/** As the store keeps it. */
export function toKept({ collection, set, chunks, checkedAt, ...evidence }: Known): SetCheck {
  const { weight, spread, asked, hitRates } = evidence;
  const found = JSON.stringify({ method: METHOD, weight, spread, asked, hitRates });
  return { collection, set, chunks, checkedAt, found };
}

/** Undefined where it was found in the way of another release. */
export function fromKept({ found, ...check }: SetCheck): Known | undefined {
  const evidence = KeptEvidence.safeParse(JSON.parse(found)).data;
  if (evidence === undefined) return undefined;
  const { weight, spread, asked, hitRates } = evidence;
  return { ...check, weight, spread, asked, hitRates };
}
