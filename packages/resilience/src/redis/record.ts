import type { Circuit, CircuitState, Forced, Lease, Slot, Tally } from '../circuit/circuit.ts';
import { largestGeneration } from '../circuit/circuit.ts';

type Fields = Readonly<Record<string, string | undefined>>;

/** Reads a record as the scripts do: what does not parse counts as absent. */
export const circuitOf = (fields: Fields): Circuit => ({
  state: states.has(fields['state'] as CircuitState) ? (fields['state'] as CircuitState) : 'closed',
  generation: generationOf(fields['generation']),
  untilMs: number(fields['until']) ?? 0,
  attempt: number(fields['attempt']) ?? 0,
  leases: leasesOf(fields['leases'] ?? ''),
  succeeded: number(fields['succeeded']) ?? 0,
  failed: number(fields['failed']) ?? 0,
  forced: forcedOf(fields),
  votes: byReplica(fields, 'v:', number),
  tallies: byReplica(fields, 'w:', tallyOf),
  cause: fields['cause'],
  changedBy: fields['changed_by'],
  changedAtMs: number(fields['changed_at']) ?? 0,
});

/** The fields that a view is made of. */
export const viewFields = [
  'schema',
  'state',
  'generation',
  'until',
  'attempt',
  'forced_by',
  'forced_reason',
  'forced_until',
  'cause',
  'changed_by',
  'changed_at',
  'rules',
] as const;

const states: ReadonlySet<CircuitState> = new Set(['closed', 'open', 'half-open']);

/** More changes than that there cannot have been: someone wrote it by hand. */
const generationOf = (text: string | undefined): number => {
  const n = number(text) ?? 0;
  return n > largestGeneration ? 0 : n;
};

/** The numbers that survive Lua's JSON. */
const largest = 99_999_999_999_999;

const number = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const n = Number(text);
  return n > largest ? undefined : n;
};

const leasesOf = (text: string): Lease[] =>
  [...text.matchAll(/([^=;]+)=(\d+)/g)].map(([, token, deadline]) => ({
    token: token as string,
    deadlineMs: Number(deadline),
  }));

const forcedOf = (fields: Fields): Forced | undefined => {
  const by = fields['forced_by'];
  if (by === undefined) return undefined;
  return { by, reason: fields['forced_reason'] ?? '', untilMs: number(fields['forced_until']) };
};

const tallyOf = (text: string): Tally => ({
  batch: number(/^\d+/.exec(text)?.[0]) ?? 0,
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
