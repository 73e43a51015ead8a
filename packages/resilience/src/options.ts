import { leaseSlackMs, type Rules, type WindowRules } from './circuit/rules.ts';
import { ResilienceError } from './errors.ts';

/** How a breaker behaves. Everything has a default; what makes no sense is refused with name and value. */
export interface BreakerOptions {
  /** `shared` (the default) where the registry has a store; the breaker that guards the store itself must be `local`. */
  readonly scope?: 'shared' | 'local';
  readonly window?: WindowOptions;
  /** Open time of the first opening; grows by `openFactor` with each opening in a row, up to `maxOpenMs`. */
  readonly openMs?: number;
  readonly maxOpenMs?: number;
  readonly openFactor?: number;
  readonly probes?: ProbeOptions;
  readonly quorum?: QuorumOptions;
  /** Each attempt is cut off after this, and counts as a failure. */
  readonly timeoutMs?: number;
  readonly classify?: Classify;
}

export type WindowOptions =
  | ({ readonly kind: 'sampling'; readonly windowMs?: number } & RateOptions)
  | ({ readonly kind: 'count'; readonly size?: number } & RateOptions)
  | { readonly kind: 'consecutive'; readonly failures?: number };

export interface RateOptions {
  /** Share of failures that opens, over 0 up to 1. */
  readonly failureRate?: number;
  readonly minimumCalls?: number;
  readonly slowAfterMs?: number;
  /** Share of slow calls that opens; needs `slowAfterMs`. */
  readonly slowRate?: number;
}

export interface ProbeOptions {
  /** Probes per half-open window. All others are rejected at once. */
  readonly calls?: number;
  readonly failuresAllowed?: number;
  /** A probe that has not ended by then is given up, a second later its slot is free. */
  readonly timeoutMs?: number;
}

export interface QuorumOptions {
  readonly replicas?: number;
  readonly failures?: number;
}

export type Outcome = { readonly error: unknown } | { readonly value: unknown };
export type Verdict = 'success' | 'failure' | 'ignored';
/** Says what a call's end means for the dependency. `undefined` leaves it to the default. */
export type Classify = (outcome: Outcome) => Verdict | undefined;

/** @throws ResilienceError BAD_OPTIONS, naming the breaker, the option and the value. */
export const rulesOf = (name: string, options: BreakerOptions): Rules => {
  const check = checks(name);
  const openMs = check.ms('openMs', options.openMs ?? 30_000);
  const probes = check.count('probes.calls', options.probes?.calls ?? 1, 1000);
  const probeFailuresAllowed = options.probes?.failuresAllowed ?? 0;
  if (!Number.isInteger(probeFailuresAllowed) || probeFailuresAllowed < 0 || probeFailuresAllowed >= probes) {
    check.refuse(
      'probes.failuresAllowed',
      probeFailuresAllowed,
      `must be a whole number from 0, below probes.calls (${probes})`,
    );
  }
  if (options.timeoutMs !== undefined) check.ms('timeoutMs', options.timeoutMs);
  if (options.scope !== undefined && options.scope !== 'shared' && options.scope !== 'local') {
    check.refuse('scope', options.scope, 'must be shared or local');
  }
  const maxOpenMs = check.ms('maxOpenMs', options.maxOpenMs ?? Math.min(longestMs, openMs * 10));
  if (maxOpenMs < openMs) check.refuse('maxOpenMs', maxOpenMs, `must not be below openMs (${openMs})`);
  return {
    window: windowOf(check, options.window ?? { kind: 'sampling' }),
    openMs,
    maxOpenMs,
    openFactor: check.between('openFactor', options.openFactor ?? 2, 1, 100),
    probes,
    probeFailuresAllowed,
    leaseMs: check.ms('probes.timeoutMs', options.probes?.timeoutMs ?? 10_000) + leaseSlackMs,
    quorumReplicas: check.count('quorum.replicas', options.quorum?.replicas ?? 2, 1000),
    quorumFailures: check.count('quorum.failures', options.quorum?.failures ?? 1_000, 1e9),
  };
};

const windowOf = (check: Checks, options: WindowOptions): WindowRules => {
  if (options.kind === 'consecutive') {
    return { kind: 'consecutive', failures: check.count('window.failures', options.failures ?? 5, 1e6) };
  }
  const rate = rateOf(check, options);
  if (options.kind === 'count') {
    const size = check.count('window.size', options.size ?? 100, 1e6);
    if (rate.minimumCalls > size)
      check.refuse('window.minimumCalls', rate.minimumCalls, `must not be over window.size (${size})`);
    return { kind: 'count', size, ...rate };
  }
  if (options.kind !== 'sampling')
    return check.refuse('window.kind', options['kind'], 'must be sampling, count or consecutive');
  const windowMs = check.ms('window.windowMs', options.windowMs ?? 30_000);
  return { kind: 'sampling', windowMs, slotMs: Math.max(1, Math.ceil(windowMs / slotsPerWindow)), ...rate };
};

const rateOf = (check: Checks, options: RateOptions) => {
  if ((options.slowAfterMs === undefined) !== (options.slowRate === undefined)) {
    check.refuse('window.slowRate', options.slowRate, 'goes together with window.slowAfterMs');
  }
  return {
    failureRate: check.between('window.failureRate', options.failureRate ?? 0.5, Number.MIN_VALUE, 1),
    minimumCalls: check.count('window.minimumCalls', options.minimumCalls ?? 10, 1e6),
    ...(options.slowAfterMs === undefined || options.slowRate === undefined
      ? {}
      : {
          slowAfterMs: check.ms('window.slowAfterMs', options.slowAfterMs),
          slowRate: check.between('window.slowRate', options.slowRate, Number.MIN_VALUE, 1),
        }),
  };
};

const slotsPerWindow = 10;
const longestMs = 86_400_000;

type Checks = ReturnType<typeof checks>;

const checks = (breaker: string) => {
  const refuse = (option: string, value: unknown, why: string): never => {
    throw new ResilienceError('BAD_OPTIONS', {
      message: `breaker '${breaker}': ${option} is ${String(value)}, ${why}`,
    });
  };
  const between = (option: string, value: number, min: number, max: number): number =>
    typeof value === 'number' && value >= min && value <= max
      ? value
      : refuse(option, value, `must be ${min === Number.MIN_VALUE ? 'over 0' : `from ${min}`} up to ${max}`);
  const count = (option: string, value: number, max: number): number =>
    Number.isInteger(value)
      ? between(option, value, 1, max)
      : refuse(option, value, 'must be a whole number');
  return {
    refuse,
    between,
    count,
    ms: (option: string, value: number) => Math.round(between(option, value, 1, longestMs)),
  };
};

/** Names become Redis keys and metric labels. */
export const checkName = (name: string): string => {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return name;
  throw new ResilienceError('BAD_OPTIONS', {
    message: `breaker name '${name}' must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit`,
  });
};
