import { z } from 'zod';
import { type Circuit, type Forced, largestGeneration, newCircuit } from '../circuit/circuit.ts';

const count = z.number().min(0).lt(1e14);
const text = z.string().optional().catch(undefined);

const forcedView = z.object({
  by: z.string().catch(''),
  reason: z.string().catch(''),
  remainingMs: count.optional().catch(undefined),
});
export type ForcedView = Readonly<z.output<typeof forcedView>>;

const view = z.object({
  generation: count.max(largestGeneration),
  state: z.enum(['closed', 'open', 'half-open']),
  remainingMs: count.catch(0),
  attempt: count.catch(0),
  forced: forcedView.optional().catch(undefined),
  cause: text,
  changedBy: text,
  /** By the store's clock, for people to read. */
  changedAtMs: count.catch(0),
});

/** A circuit as one replica is told of it: times are what remains, so that no two clocks are compared. */
export type View = Readonly<z.output<typeof view>>;

const message = view.extend({ name: z.string() });

/** Reads what came over a channel: from another version, or from someone who should not write. */
export const parseView = (json: string): (View & { readonly name: string }) | undefined => {
  try {
    return message.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
};

export const viewOf = (circuit: Circuit, nowMs: number): View => ({
  generation: circuit.generation,
  state: circuit.state,
  remainingMs: circuit.state === 'open' ? Math.max(0, circuit.untilMs - nowMs) : 0,
  attempt: circuit.attempt,
  forced: forcedViewOf(circuit.forced, nowMs),
  cause: circuit.cause,
  changedBy: circuit.changedBy,
  changedAtMs: circuit.changedAtMs,
});

export const forcedViewOf = (forced: Forced | undefined, nowMs: number): ForcedView | undefined =>
  forced && {
    by: forced.by,
    reason: forced.reason,
    remainingMs: forced.untilMs === undefined ? undefined : Math.max(0, forced.untilMs - nowMs),
  };

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
