import {
  type Circuit,
  type CircuitState,
  type Forced,
  largestGeneration,
  newCircuit,
} from '../circuit/circuit.ts';

type Fields = Readonly<Record<string, string | undefined>>;

/** Reads what a view is made of as the scripts do: a value that does not parse counts as absent. */
export const circuitOf = (fields: Fields): Circuit => ({
  ...newCircuit,
  state: states.has(fields['state'] as CircuitState) ? (fields['state'] as CircuitState) : 'closed',
  generation: generationOf(fields['generation']),
  untilMs: numberOf(fields['until']) ?? 0,
  attempt: numberOf(fields['attempt']) ?? 0,
  forced: forcedOf(fields),
  cause: fields['cause'],
  changedBy: fields['changed_by'],
  changedAtMs: numberOf(fields['changed_at']) ?? 0,
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

/** A larger number cannot come from changes: the record was written by hand. */
const generationOf = (text: string | undefined): number => {
  const n = numberOf(text) ?? 0;
  return n > largestGeneration ? 0 : n;
};

/** The numbers that survive Lua's JSON. */
const largest = 99_999_999_999_999;

export const numberOf = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const n = Number(text);
  return n > largest ? undefined : n;
};

const forcedOf = (fields: Fields): Forced | undefined => {
  const by = fields['forced_by'];
  if (by === undefined) return undefined;
  return { by, reason: fields['forced_reason'] ?? '', untilMs: numberOf(fields['forced_until']) };
};
