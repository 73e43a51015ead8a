import type { Lease } from '../../src/circuit/circuit.ts';
import { circuitOf, number } from '../../src/redis/record.ts';
import type { StoredCircuit } from '../../src/testing/reduce.ts';
import type { Slot, Tally } from '../../src/testing/slots.ts';

const numberOf = (text: string | undefined): number | undefined => number.safeParse(text).data;
type Fields = Readonly<Record<string, string | undefined>>;
/** A whole record, with the leases, votes and counts that only the scripts read. */
export const recordOf = (fields: Fields): StoredCircuit => ({
  ...circuitOf(fields),
  leases: leasesOf(fields['leases'] ?? ''),
  succeeded: numberOf(fields['succeeded']) ?? 0,
  failed: numberOf(fields['failed']) ?? 0,
  votes: byReplica(fields, 'v:', numberOf),
  tallies: byReplica(fields, 'w:', tallyOf),
});

const leasesOf = (text: string): Lease[] =>
  [...text.matchAll(/([^=;]+)=(\d+)/g)].map(([, token, deadline]) => ({
    token: token as string,
    deadlineAtMs: Number(deadline),
  }));

const tallyOf = (text: string): Tally => ({
  batch: numberOf(/^\d+/.exec(text)?.[0]) ?? 0,
  slots: [...text.matchAll(/\|(\d+),(\d+),(\d+),(\d+)/g)].map(
    ([, slot, calls, failures, slow]): Slot => ({
      slot: Number(slot),
      calls: Number(calls),
      failures: Number(failures),
      slow: Number(slow),
    }),
  ),
});

const byReplica = <T>(
  fields: Fields,
  prefix: string,
  parse: (text: string) => T | undefined,
): Record<string, T> => {
  const found: Record<string, T> = {};
  for (const [field, text] of Object.entries(fields)) {
    if (!field.startsWith(prefix) || text === undefined) continue;
    const value = parse(text);
    if (value !== undefined) found[field.slice(prefix.length)] = value;
  }
  return found;
};
