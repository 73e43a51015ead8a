/** `error`: it does not start, or it loses data. `warning`: a risk. `advice`: what makes it better. */
export type Level = 'error' | 'warning' | 'advice';

/** Every rule, in the order in which its messages are printed. */
const RULES_OF: Readonly<Record<Level, readonly string[]>> = {
  error: [
    'no-services',
    'unknown-key',
    'wrong-value',
    'unset-variable',
    'duplicate-mount',
    'mount-destination',
    'size-word',
    'tmpfs-owner',
    'depends-on',
    'port-taken',
    'low-port',
    'undeclared',
    'pod',
    'no-image',
    'folder-not-writable',
    'keep-id',
  ],
  warning: [
    'engine-socket',
    'host-namespace',
    'unconfined',
    'capabilities',
    'user',
    'root-group',
    'port-not-on-loopback',
    'default-password',
    'self-reference',
    'requires-ended',
    'tmpfs-over-memory',
    'maxmemory',
    'out-of-memory',
    'memory-limit',
    'tmpfs-size',
    'tmpfs-mode',
    'own-tmp',
    'nested-mount',
    'writable-bind',
    'image-volume',
    'anonymous-volume',
    'build-file',
    'read-only-root',
    'no-new-privileges',
  ],
  advice: [
    'percent-size',
    'folder-on-root',
    'deploy-limits',
    'waits-for-health',
    'health-check-words',
    'health-check',
    'restart',
    'pids-limit',
    'no-network',
    'unpinned-image',
  ],
};

const PLACES = Object.entries(RULES_OF).flatMap(([level, rules]) =>
  rules.map((rule) => [rule, level as Level] as const),
);
const LEVELS = new Map(PLACES);
const ORDER = new Map(PLACES.map(([rule], index) => [rule, index]));

/** @throws {Error} when the rule is not in the list */
export function levelOf(rule: string): Level {
  const level = LEVELS.get(rule);
  if (level === undefined) throw new Error(`the rule ${rule} has no level`);
  return level;
}

export function orderOf(rule: string): number {
  return ORDER.get(rule) ?? 0;
}
