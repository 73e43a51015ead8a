import type { Counts } from '../circuit/circuit.ts';
import { type Cause, judgeCounts } from '../circuit/judge.ts';
import type { ConsecutiveRules, SamplingRules, WindowRules } from '../circuit/rules.ts';

/** This replica's recent outcomes. On the path of every call, so it changes in place and allocates nothing. */
export interface OutcomeWindow {
  /** Counts one call; says why the circuit should open, if it should. */
  record(failed: boolean, slow: boolean, nowMs: number): Cause | undefined;
  counts(nowMs: number): Counts;
  clear(): void;
}

export const createWindow = (rules: WindowRules): OutcomeWindow => {
  switch (rules.kind) {
    case 'sampling':
      return createSampling(rules);
    case 'consecutive':
      return createConsecutive(rules);
  }
};

/** A ring of slots. Slots are dropped by age, also those that passed while nothing was recorded. */
const createSampling = (rules: SamplingRules): OutcomeWindow => {
  const length = Math.ceil(rules.windowMs / rules.slotMs);
  const ring = new Float64Array(length * 3);
  const total = { calls: 0, failures: 0, slow: 0 };
  let newest = 0;
  let startMs = Number.NEGATIVE_INFINITY;

  const drop = (slot: number) => {
    const at = (slot % length) * 3;
    total.calls -= ring[at] as number;
    total.failures -= ring[at + 1] as number;
    total.slow -= ring[at + 2] as number;
    ring.fill(0, at, at + 3);
  };
  const turn = (nowMs: number) => {
    const slot = Math.floor(nowMs / rules.slotMs);
    const passed = Math.min(length, slot - newest);
    for (let i = 0; i < passed; i++) drop(slot - i);
    newest = slot;
    startMs = slot * rules.slotMs;
  };

  return {
    record(failed, slow, nowMs) {
      if (nowMs - startMs >= rules.slotMs) turn(nowMs);
      const at = (newest % length) * 3;
      ring[at] = (ring[at] as number) + 1;
      total.calls++;
      if (!failed && !slow) return undefined;
      if (failed) {
        ring[at + 1] = (ring[at + 1] as number) + 1;
        total.failures++;
      }
      if (slow) {
        ring[at + 2] = (ring[at + 2] as number) + 1;
        total.slow++;
      }
      return judgeCounts(total, rules);
    },
    counts(nowMs) {
      if (nowMs - startMs >= rules.slotMs) turn(nowMs);
      return { ...total };
    },
    clear() {
      ring.fill(0);
      Object.assign(total, { calls: 0, failures: 0, slow: 0 });
    },
  };
};

const createConsecutive = (rules: ConsecutiveRules): OutcomeWindow => {
  let failures = 0;
  return {
    record(failed) {
      failures = failed ? failures + 1 : 0;
      return failures >= rules.failures ? 'consecutive-failures' : undefined;
    },
    counts: () => ({ calls: failures, failures, slow: 0 }),
    clear: () => {
      failures = 0;
    },
  };
};
