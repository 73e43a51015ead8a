import type { Counts } from '../circuit/circuit.ts';
import type { Flush } from '../circuit/command.ts';

/** What one replica counted, by slot of time, and the last batch taken from it. */
export interface Tally {
  readonly batch: number;
  readonly slots: readonly Slot[];
}

export interface Slot extends Counts {
  readonly slot: number;
}

/** All tallies without the slots that have aged, and without replicas that have none left. */
export const aged = (
  tallies: Readonly<Record<string, Tally>>,
  oldest: number,
  newest: number,
): Record<string, Tally> =>
  Object.fromEntries(
    Object.entries(tallies)
      .map(([replica, tally]) => [replica, { ...tally, slots: within(tally.slots, oldest, newest) }] as const)
      .filter(([, tally]) => tally.slots.length > 0),
  );

/** One replica's slots with a batch added to the newest. */
export const added = (
  slots: readonly Slot[],
  { calls, failures, slow }: Flush,
  oldest: number,
  slot: number,
): Slot[] => {
  const current = slots.find((one) => one.slot === slot) ?? { calls: 0, failures: 0, slow: 0 };
  const sum = {
    slot,
    calls: current.calls + calls,
    failures: current.failures + failures,
    slow: current.slow + slow,
  };
  return [...within(slots, oldest, slot).filter((one) => one.slot !== slot), sum];
};

/** A slot from the future was written on another clock: it goes too. */
const within = (slots: readonly Slot[], oldest: number, newest: number): Slot[] =>
  slots.filter(({ slot }) => slot >= oldest && slot <= newest);
