import { type Circuit, type CircuitState, largestGeneration, newCircuit } from '../circuit/circuit.ts';

/** A circuit as one replica is told of it: times are what remains, so that no two clocks are compared. */
export interface View {
  readonly generation: number;
  readonly state: CircuitState;
  readonly remainingMs: number;
  readonly attempt: number;
  readonly forced?: ForcedView | undefined;
  readonly cause?: string | undefined;
  readonly changedBy?: string | undefined;
  /** By the store's clock, for people to read. */
  readonly changedAtMs: number;
  /** Fingerprint of the rules of the replica that wrote last. */
  readonly rules?: string | undefined;
}

export interface ForcedView {
  readonly by: string;
  readonly reason: string;
  readonly remainingMs?: number | undefined;
}

export const viewOf = (circuit: Circuit, nowMs: number): View => ({
  generation: circuit.generation,
  state: circuit.state,
  remainingMs: circuit.state === 'open' ? Math.max(0, circuit.untilMs - nowMs) : 0,
  attempt: circuit.attempt,
  forced: circuit.forced && {
    by: circuit.forced.by,
    reason: circuit.forced.reason,
    remainingMs:
      circuit.forced.untilMs === undefined ? undefined : Math.max(0, circuit.forced.untilMs - nowMs),
  },
  cause: circuit.cause,
  changedBy: circuit.changedBy,
  changedAtMs: circuit.changedAtMs,
});

/** The circuit that a replica makes of a view, on its own clock and with a generation of its own. */
export const circuitOfView = (
  { state, attempt, forced, cause, changedBy }: View,
  { untilMs, nowMs, generation }: Readonly<Record<'untilMs' | 'nowMs' | 'generation', number>>,
): Circuit => ({
  ...newCircuit,
  state,
  generation,
  untilMs: state === 'open' ? untilMs : 0,
  attempt,
  forced: forced && {
    by: forced.by,
    reason: forced.reason,
    untilMs: forced.remainingMs === undefined ? undefined : nowMs + forced.remainingMs,
  },
  cause,
  changedBy,
  changedAtMs: nowMs,
});

/** Reads what came over a channel: from another version, or from someone who should not write. */
export const parseView = (text: string): { readonly name: string; readonly view: View } | undefined => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { name, generation, state, remainingMs, attempt, forced, cause, changedBy, changedAtMs, rules } =
    parsed as Record<string, unknown>;
  if (typeof name !== 'string' || !isCount(generation) || generation > largestGeneration || !isState(state))
    return undefined;
  return {
    name,
    view: {
      generation,
      state,
      remainingMs: isCount(remainingMs) ? remainingMs : 0,
      attempt: isCount(attempt) ? attempt : 0,
      forced: parseForced(forced),
      cause: textOf(cause),
      changedBy: textOf(changedBy),
      changedAtMs: isCount(changedAtMs) ? changedAtMs : 0,
      rules: textOf(rules),
    },
  };
};

const parseForced = (value: unknown): ForcedView | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { by, reason, remainingMs } = value as Record<string, unknown>;
  return {
    by: textOf(by) ?? '',
    reason: textOf(reason) ?? '',
    remainingMs: isCount(remainingMs) ? remainingMs : undefined,
  };
};

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1e14;
const isState = (value: unknown): value is CircuitState =>
  value === 'closed' || value === 'open' || value === 'half-open';
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
