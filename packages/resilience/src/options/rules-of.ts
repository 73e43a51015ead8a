import { type Checks, checksOf, longestMs } from '../checks.ts';
import { leaseSlackMs, type Rules, type WindowRules } from '../circuit/rules.ts';
import type { BreakerOptions, ProbeOptions, QuorumOptions, RateOptions, WindowOptions } from './options.ts';

/** @throws {ResilienceError} BAD_OPTIONS when an option makes no sense; the message names the breaker, the option and the value. */
export const rulesOf = (name: string, options: BreakerOptions): Rules => {
  const check = checksOf(`breaker '${name}'`);
  check.known('', options, optionNames);
  const openMs = check.ms('openMs', options.openMs ?? 30_000);
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
    ...probesOf(check, options.probes ?? {}),
    ...quorumOf(check, options.quorum ?? {}),
  };
};

const probesOf = (check: Checks, options: ProbeOptions) => {
  const { calls = 1, failuresAllowed = 0, timeoutMs = 10_000 } = options;
  check.known('probes.', options, ['calls', 'failuresAllowed', 'timeoutMs']);
  const probes = check.count('probes.calls', calls, { max: 1_000 });
  if (!Number.isInteger(failuresAllowed) || failuresAllowed < 0 || failuresAllowed >= probes) {
    const why = `must be a whole number from 0, below probes.calls (${probes})`;
    check.refuse('probes.failuresAllowed', failuresAllowed, why);
  }
  const leaseMs = check.ms('probes.timeoutMs', timeoutMs) + leaseSlackMs;
  return { probes, probeFailuresAllowed: failuresAllowed, leaseMs };
};

const quorumOf = (check: Checks, options: QuorumOptions) => {
  const { replicas = 2, failures = 1_000 } = options;
  check.known('quorum.', options, ['replicas', 'failures']);
  return {
    quorumReplicas: check.count('quorum.replicas', replicas, { max: 1_000 }),
    quorumFailures: check.count('quorum.failures', failures, { max: 1e9 }),
  };
};

const windowOf = (check: Checks, options: WindowOptions): WindowRules => {
  if (!Object.hasOwn(windowNames, options.kind))
    return check.refuse('window.kind', options.kind, `must be ${Object.keys(windowNames).join(', ')}`);
  check.known('window.', options, ['kind', ...windowNames[options.kind]]);
  if (options.kind === 'consecutive') {
    return {
      kind: 'consecutive',
      failures: check.count('window.failures', options.failures ?? 5, { max: 1e6 }),
    };
  }
  const rate = rateOf(check, options);
  const windowMs = check.ms('window.windowMs', options.windowMs ?? 30_000);
  return { kind: 'sampling', windowMs, slotMs: Math.max(1, Math.ceil(windowMs / slotsPerWindow)), ...rate };
};

const rateOf = (check: Checks, options: RateOptions) => {
  if ((options.slowAfterMs === undefined) !== (options.slowRate === undefined)) {
    check.refuse('window.slowRate', options.slowRate, 'goes together with window.slowAfterMs');
  }
  return {
    failureRate: check.share('window.failureRate', options.failureRate ?? 0.5),
    minimumCalls: check.count('window.minimumCalls', options.minimumCalls ?? 10, { max: 1e6 }),
    ...(options.slowAfterMs === undefined || options.slowRate === undefined
      ? {}
      : {
          slowAfterMs: check.ms('window.slowAfterMs', options.slowAfterMs),
          slowRate: check.share('window.slowRate', options.slowRate),
        }),
  };
};

const optionNames = [
  'scope',
  'window',
  'openMs',
  'maxOpenMs',
  'openFactor',
  'probes',
  'quorum',
  'timeoutMs',
  'classify',
] satisfies (keyof BreakerOptions)[];

const rateNames = ['failureRate', 'minimumCalls', 'slowAfterMs', 'slowRate'] satisfies (keyof RateOptions)[];

const windowNames: Readonly<Record<WindowOptions['kind'], readonly string[]>> = {
  sampling: ['windowMs', ...rateNames],
  consecutive: ['failures'],
};

const slotsPerWindow = 10;
