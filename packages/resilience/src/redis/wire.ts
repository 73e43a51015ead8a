import { type CircuitRules, memoryMs } from '../circuit/rules.ts';

/** The rules as the scripts read them, made once per breaker. */
export const wireRules = (rules: CircuitRules): string => {
  const made =
    cache.get(rules) ?? JSON.stringify({ ...rules, memoryMs: memoryMs(rules), ttlMs: ttlMs(rules) });
  cache.set(rules, made);
  return made;
};

/** Long enough to outlive an open circuit and its window; a breaker that is well leaves nothing behind. */
const ttlMs = (rules: CircuitRules): number => Math.max(rules.maxOpenMs, memoryMs(rules)) * 2 + 60_000;

const cache = new WeakMap<CircuitRules, string>();
