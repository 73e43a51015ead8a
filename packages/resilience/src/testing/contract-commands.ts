import type { Command } from '../circuit/command.ts';

/** Commands of a replica `a`, to be varied by a case. */
const sent = { replica: 'a', floor: 0 } as const;
export const trip: Extract<Command, { kind: 'trip' }> = {
  ...sent,
  kind: 'trip',
  generation: 0,
  cause: 'failure-rate',
  live: 1,
};
export const flush: Extract<Command, { kind: 'flush' }> = {
  ...sent,
  kind: 'flush',
  generation: 0,
  batch: 1,
  calls: 0,
  failures: 0,
  slow: 0,
  live: 1,
};
export const settle: Extract<Command, { kind: 'settle' }> = {
  ...sent,
  kind: 'settle',
  token: '',
  outcome: 'success',
};
export const force: Extract<Command, { kind: 'force' }> = {
  ...sent,
  kind: 'force',
  action: 'reset',
  by: 'ann',
  reason: 'by hand',
};
export const seed: Extract<Command, { kind: 'seed' }> = {
  ...sent,
  kind: 'seed',
  floor: 1,
  state: 'closed',
  remainingMs: 0,
  attempt: 1,
};
