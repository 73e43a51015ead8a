import { type Clock, systemClock } from './clock.ts';

/**
 * Until when a result is of use. Between machines it travels as the remaining time, because their clocks may
 * disagree.
 */
export interface Deadline {
  /** Zero once the deadline has passed. */
  remainingMs(): number;
  readonly expired: boolean;
}

/** `Infinity` gives a deadline that never passes. */
export function deadlineIn(ms: number, clock: Clock = systemClock): Deadline {
  const atMs = clock.nowMs() + ms;
  return {
    remainingMs: () => Math.max(0, atMs - clock.nowMs()),
    get expired() {
      return clock.nowMs() >= atMs;
    },
  };
}

/** The deadline that passes first; undefined when none is given. */
export function earliest(...deadlines: readonly (Deadline | undefined)[]): Deadline | undefined {
  const given = deadlines.filter((deadline) => deadline !== undefined);
  return given.sort((a, b) => a.remainingMs() - b.remainingMs())[0];
}

export const DEADLINE_HEADER = 'x-request-timeout-ms';

/** Reads the header of a request: 'invalid' unless it is a whole number of milliseconds from 1 to `maxMs`. */
export function deadlineFromHeader(
  value: string | readonly string[] | undefined,
  { maxMs, clock = systemClock }: { readonly maxMs: number; readonly clock?: Clock },
): Deadline | undefined | 'invalid' {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) return 'invalid';
  const ms = Number(value);
  return ms >= 1 && ms <= maxMs ? deadlineIn(ms, clock) : 'invalid';
}

/** A deadline in the data of a job, which waits in a queue while no process holds it: epoch milliseconds. */
export interface JobDeadline {
  readonly deadlineAtMs?: number | undefined;
}

export function toJobData(deadline: Deadline, wallMs = Date.now()): { readonly deadlineAtMs: number } {
  return { deadlineAtMs: Math.round(wallMs + deadline.remainingMs()) };
}

export function fromJobData(
  { deadlineAtMs }: JobDeadline,
  { wallMs = Date.now(), clock = systemClock }: { readonly wallMs?: number; readonly clock?: Clock } = {},
): Deadline | undefined {
  return deadlineAtMs === undefined ? undefined : deadlineIn(Math.max(0, deadlineAtMs - wallMs), clock);
}
