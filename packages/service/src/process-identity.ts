import { readFileSync } from 'node:fs';

/** A process, told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: string;
}

/** Undefined when no such process runs (any more), and on systems without `/proc`. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold any character. See proc_pid_stat(5): state is field 3, starttime field 22.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = rest[18];
    return state === 'Z' || startTicks === undefined ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
}

/** False once the process has ended, even when another one has its id now. */
export function isProcessAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.startTicks === startTicks;
}
