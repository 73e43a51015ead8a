/** Whether something that SECURITY.md promises is true of the running stack. */
export interface Verdict {
  /** The promise, as SECURITY.md gives it. */
  readonly promise: string;
  /** `unknown`: it could not be looked at, for instance because a container does not run. */
  readonly result: 'pass' | 'fail' | 'unknown';
  /** What was seen. */
  readonly evidence: string;
}

/**
 * A verdict from what speaks against a promise: nothing, and it is kept.
 * @param seen what was looked at; nothing, and there is no verdict
 */
export function judge(promise: string, seen: readonly string[], against: readonly string[]): Verdict {
  if (against.length > 0) return { promise, result: 'fail', evidence: against.join('; ') };
  if (seen.length === 0) return { promise, result: 'unknown', evidence: 'there was nothing to look at' };
  return { promise, result: 'pass', evidence: seen.join('; ') };
}
