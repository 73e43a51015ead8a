import type { Machine } from './machine.ts';

export interface Threads {
  readonly threads: number;
  readonly warning?: string;
}

/**
 * Threads for inference: the requested number, limited to the CPUs of this process; by default its cores less one. More
 * threads than free cores make decoding 20 to 40 times slower, because the engine waits by spinning.
 */
export function chooseThreads(requested: number | undefined, machine: Machine): Threads {
  const { cpus, cpuQuota = Number.POSITIVE_INFINITY, physicalCores } = machine;
  if (requested === undefined) {
    return { threads: Math.max(1, Math.floor(Math.min(physicalCores, cpuQuota)) - 1) };
  }
  const most = Math.max(1, Math.floor(Math.min(cpus, cpuQuota)));
  if (requested <= most) return { threads: requested };
  return {
    threads: most,
    warning: `INFERENCE_THREADS=${requested} is more than the ${most} available cores`,
  };
}
