import type { SupervisedProcess } from './role-process.ts';

/** Whether a model may use a device. */
export interface DeviceTurn {
  /** Why its next process may not, after that many processes have crashed in a row; undefined when it may. */
  refusal(crashes: number): string | undefined;
  /** Whether `reason`, for which it is on the CPU, holds no longer. */
  isOver(reason: string | undefined): boolean;
  onChange(listener: () => void): void;
}

/**
 * The generation model goes first, since it gains most: the others, which pass it as `before`, use the device with what
 * memory it has left, and meanwhile the CPU. A model whose processes crash leaves the device, which may be lost.
 */
export function createDeviceTurn(before?: Pick<SupervisedProcess, 'state' | 'onSettled'>): DeviceTurn {
  const isAhead = () => {
    const status = before?.state().status;
    return status === 'fetching' || status === 'loading';
  };
  return {
    refusal(crashes) {
      if (crashes >= MOST_CRASHES) return AFTER_CRASHES;
      return isAhead() ? BEHIND : undefined;
    },
    isOver: (reason) => reason === BEHIND && !isAhead(),
    onChange: (listener) => before?.onSettled(listener),
  };
}

/** One crash may have any cause; the third attempt to load a model is the last. */
const MOST_CRASHES = 2;
const AFTER_CRASHES = `its process ended ${MOST_CRASHES} times in a row, so that it no longer uses a device`;
const BEHIND = 'the generation model takes its place on the device first';
