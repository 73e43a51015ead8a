/** What the store has cost since the process started. */
export interface StoreTally {
  commands: number;
  commandSumMs: number;
  /** Outcomes that the fleet never heard of: the store was away for too long. */
  dropped: number;
}

export const createStoreTally = (): StoreTally => ({ commands: 0, commandSumMs: 0, dropped: 0 });
