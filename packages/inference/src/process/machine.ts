import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { groupFolders } from '@xnai/resilience';
import { freeMemory } from './watch-memory.ts';

/** What this process may use, container limits included; the host may have more. */
export interface Machine {
  /** CPUs that this process may run on, hyperthreads counted. */
  readonly cpus: number;
  readonly physicalCores: number;
  /** The container's share of CPU time in CPUs, undefined when unlimited. */
  readonly cpuQuota: number | undefined;
  /** The container's memory limit, undefined when unlimited. */
  readonly memoryLimitBytes: number | undefined;
  readonly memoryFreeBytes: number;
}

/** `root` is `/` outside of tests. Read anew for each model, as other processes come and go. */
export function readMachine(root = '/', cpus = availableParallelism()): Machine {
  const limit = freeMemory(root);
  const hostFree = memAvailable(root) ?? Number.POSITIVE_INFINITY;
  const free = limit === undefined ? hostFree : Math.min(hostFree, limit.freeBytes);
  return {
    cpus,
    physicalCores: Math.min(cpus, physicalCores(root) ?? cpus),
    cpuQuota: cpuQuota(root),
    memoryLimitBytes: limit?.limitBytes,
    memoryFreeBytes: Math.max(0, free),
  };
}

function cpuQuota(root: string): number | undefined {
  const read = (folder: string, name: string) => readText(join(folder, name)) ?? '';
  const quotas = [
    ...groupFolders(root).map((folder) => {
      const [quota, period] = read(folder, 'cpu.max').split(' ').map(Number);
      return share(quota, period);
    }),
    ...groupFolders(root, 'cpu').map((folder) =>
      share(Number(read(folder, 'cpu.cfs_quota_us')), Number(read(folder, 'cpu.cfs_period_us'))),
    ),
  ].filter((quota) => quota !== undefined);
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

/** "max" in version 2 and -1 in version 1 are no quota. */
function share(quota = Number.NaN, period = Number.NaN): number | undefined {
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function physicalCores(root: string): number | undefined {
  const directory = join(root, 'sys/devices/system/cpu');
  const cores = new Set<string>();
  for (const name of readdirOrEmpty(directory)) {
    if (!/^cpu\d+$/.test(name)) continue;
    const siblings = readText(join(directory, name, 'topology/thread_siblings_list'));
    if (siblings !== undefined) cores.add(siblings);
  }
  return cores.size === 0 ? undefined : cores.size;
}

function memAvailable(root: string): number | undefined {
  const kibibytes = /^MemAvailable:\s+(\d+)/m.exec(readText(join(root, 'proc/meminfo')) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // not there on this kernel: the next source is asked
  }
}

function readdirOrEmpty(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
