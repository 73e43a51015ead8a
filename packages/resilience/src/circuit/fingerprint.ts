import { leaseSlackMs, type Rules, type WindowRules } from './rules.ts';

/**
 * The rules in one line, equal where two replicas would decide alike. Kept under 64 bytes for usual numbers: Redis
 * stores a hash with a longer value less compactly.
 */
export const fingerprint = (rules: Rules): string => {
  const made = cache.get(rules);
  if (made !== undefined) return made;
  const text = [rules.window.kind, ...windowValues(rules.window), ...circuitValues(rules)].join(' ');
  cache.set(rules, text);
  return text;
};

export interface RuleDifference {
  /** As it is called where the breaker is defined. */
  readonly option: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What two replicas define differently; the whole lines where they cannot be compared. */
export const differencesOf = (ourRules: Rules, theirLine: string): readonly RuleDifference[] => {
  const ours = fingerprint(ourRules).split(' ');
  const theirs = theirLine.split(' ');
  const names = [
    'window.kind',
    ...windowOptions[ourRules.window.kind].map((name) => `window.${name}`),
    ...circuitOptions,
  ];
  if (ours.length !== theirs.length || ours[0] !== theirs[0]) {
    return [{ option: 'window', ours: ours.join(' '), theirs: theirLine }];
  }
  return names
    .map((option, i) => ({ option, ours: ours[i] as string, theirs: theirs[i] as string }))
    .filter((one) => one.ours !== one.theirs);
};

const rates = ['failureRate', 'minimumCalls', 'slowAfterMs', 'slowRate'];

const windowOptions: Readonly<Record<WindowRules['kind'], readonly string[]>> = {
  sampling: ['windowMs', ...rates],
  count: ['size', ...rates],
  consecutive: ['failures'],
};

const windowValues = (window: WindowRules): readonly (string | number)[] =>
  windowOptions[window.kind].map(
    (name) => (window as unknown as Record<string, number | undefined>)[name] ?? '-',
  );

const circuitOptions = [
  'openMs',
  'maxOpenMs',
  'openFactor',
  'probes.calls',
  'probes.failuresAllowed',
  'probes.timeoutMs',
  'quorum.replicas',
  'quorum.failures',
];

const circuitValues = (rules: Rules): readonly number[] => [
  rules.openMs,
  rules.maxOpenMs,
  rules.openFactor,
  rules.probes,
  rules.probeFailuresAllowed,
  rules.leaseMs - leaseSlackMs,
  rules.quorumReplicas,
  rules.quorumFailures,
];

const cache = new WeakMap<Rules, string>();
