import { z } from 'zod';
import { type CircuitRules, leaseSlackMs } from '../circuit/rules.ts';
import { count, longestMs, parseOptions, share, timeMs } from './parse.ts';

export type Outcome = { readonly error: unknown } | { readonly value: unknown };
export type Verdict = 'success' | 'failure' | 'ignored';
/** Says what a call's end means for the dependency. `undefined` leaves it to the default. */
export type Classify = (outcome: Outcome) => Verdict | undefined;

const sampling = z
  .strictObject({
    kind: z.literal('sampling'),
    windowMs: timeMs.default(30_000),
    /** Share of failures that opens. */
    failureRate: share.default(0.5),
    minimumCalls: count(1e6).default(10),
    slowAfterMs: timeMs.optional(),
    /** Share of slow calls that opens; needs `slowAfterMs`. */
    slowRate: share.optional(),
  })
  .refine(({ slowAfterMs, slowRate }) => (slowAfterMs === undefined) === (slowRate === undefined), {
    path: ['slowRate'],
    message: 'goes together with window.slowAfterMs',
  });
const consecutive = z.strictObject({
  kind: z.literal('consecutive'),
  failures: count(1e6).default(5),
});

const probes = z
  .strictObject({
    /** Probes per half-open window. All others are rejected at once. */
    calls: count(1_000).default(1),
    failuresAllowed: z.int().min(0).default(0),
    /** A probe that has not ended by then is given up, a second later its slot is free. */
    timeoutMs: timeMs.default(10_000),
  })
  .refine(({ calls, failuresAllowed }) => failuresAllowed < calls, {
    path: ['failuresAllowed'],
    message: 'must be below probes.calls',
  });

/** Everything has a default; what makes no sense is refused with name and value. */
const breakerOptions = z
  .strictObject({
    /** `shared` (the default) where the registry has a store; the breaker that guards the store itself must be `local`. */
    scope: z.enum(['shared', 'local']).optional(),
    window: z.discriminatedUnion('kind', [sampling, consecutive]).prefault({ kind: 'sampling' }),
    /** Open time of the first opening; grows by `openFactor` with each opening in a row, up to `maxOpenMs`. */
    openMs: timeMs.default(30_000),
    /** Ten times `openMs` by default. */
    maxOpenMs: timeMs.optional(),
    openFactor: z.number().min(1).max(100).default(2),
    probes: probes.prefault({}),
    /** Replicas that must see failures before all of them open, or the failures that open even when fewer saw them. */
    quorum: z
      .strictObject({ replicas: count(1_000).default(2), failures: count(1e9).default(1_000) })
      .prefault({}),
    /** Each attempt is cut off after this, and counts as a failure. */
    timeoutMs: timeMs.optional(),
    classify: z.custom<Classify>().optional(),
  })
  .refine(({ openMs, maxOpenMs }) => maxOpenMs === undefined || maxOpenMs >= openMs, {
    path: ['maxOpenMs'],
    message: 'must not be below openMs',
  });

/** How a breaker behaves. */
export type BreakerOptions = z.input<typeof breakerOptions>;

/** @throws {ResilienceError} BAD_OPTIONS when an option makes no sense */
export const rulesOf = (name: string, options: BreakerOptions): CircuitRules => {
  const { window, openMs, maxOpenMs, openFactor, probes, quorum } = parseOptions(
    breakerOptions,
    `breaker '${name}'`,
    options,
  );
  return {
    window:
      window.kind === 'consecutive'
        ? window
        : { ...window, slotMs: Math.max(1, Math.ceil(window.windowMs / slotsPerWindow)) },
    openMs,
    maxOpenMs: maxOpenMs ?? Math.min(longestMs, openMs * 10),
    openFactor,
    probes: probes.calls,
    probeFailuresAllowed: probes.failuresAllowed,
    leaseMs: probes.timeoutMs + leaseSlackMs,
    quorumReplicas: quorum.replicas,
    quorumFailures: quorum.failures,
  };
};

const slotsPerWindow = 10;
