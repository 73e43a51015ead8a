import { type Clock, systemClock } from '../clock.ts';

/** The time by which an answer is of use. Sent on as what remains, since no two machines agree on the hour. */
export interface Deadline {
  remainingMs(): number;
  readonly expired: boolean;
}

export const deadlineIn = (ms: number, clock: Clock = systemClock): Deadline => {
  const atMs = clock.nowMs() + ms;
  return {
    remainingMs: () => Math.max(0, atMs - clock.nowMs()),
    get expired() {
      return clock.nowMs() >= atMs;
    },
  };
};

export const deadlineHeader = 'x-request-timeout-ms';

/** Reads what a client sent, no longer than `maxMs`; undefined when absent, 'invalid' when it is not a time. */
export const deadlineFromHeader = (
  value: string | readonly string[] | undefined,
  { maxMs, clock = systemClock }: { readonly maxMs: number; readonly clock?: Clock },
): Deadline | undefined | 'invalid' => {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value) || Number(value) === 0) return 'invalid';
  return deadlineIn(Math.min(maxMs, Number(value)), clock);
};

/** What the next hop may take: the rest, less a margin for the way back. */
export const headersOf = (deadline: Deadline, marginMs = 20): Record<string, string> => ({
  [deadlineHeader]: String(Math.max(1, Math.floor(deadline.remainingMs() - marginMs))),
});

/** For a job that waits in a queue, where time passes while no process holds it: an absolute time, wall clock. */
export const toJobData = (
  deadline: Deadline,
  wallMs: number = Date.now(),
): { readonly deadline_at: number } => ({
  deadline_at: Math.round(wallMs + deadline.remainingMs()),
});

export const fromJobData = (
  data: { readonly deadline_at?: number | undefined },
  { wallMs = Date.now(), clock = systemClock }: { readonly wallMs?: number; readonly clock?: Clock } = {},
): Deadline | undefined =>
  data.deadline_at === undefined ? undefined : deadlineIn(Math.max(0, data.deadline_at - wallMs), clock);
