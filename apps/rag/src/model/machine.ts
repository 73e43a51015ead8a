import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

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
  const read = (path: string) => readText(join(root, path));
  const limit = memoryLimit(read);
  const hostFree = kibibytes(read('proc/meminfo'), 'MemAvailable') ?? Number.POSITIVE_INFINITY;
  const free = limit === undefined ? hostFree : Math.min(hostFree, limit.limitBytes - limit.usedBytes);
  return {
    cpus,
    physicalCores: Math.min(cpus, physicalCores(root) ?? cpus),
    cpuQuota: cpuQuota(read),
    memoryLimitBytes: limit?.limitBytes,
    memoryFreeBytes: Math.max(0, free),
  };
}

type Read = (path: string) => string | undefined;

function memoryLimit(read: Read): { limitBytes: number; usedBytes: number } | undefined {
  for (const { directory, limit, used, cache } of memoryGroups(read)) {
    const limitBytes = Number(read(`${directory}/${limit}`) ?? Number.NaN);
    if (!Number.isFinite(limitBytes) || limitBytes > LARGEST_LIMIT) continue;
    const total = Number(read(`${directory}/${used}`) ?? 0);
    // File pages can be dropped when memory is needed; they are no part of what is used up.
    const inactive = field(read(`${directory}/memory.stat`), cache) ?? 0;
    return { limitBytes, usedBytes: Math.max(0, total - inactive) };
  }
  return undefined;
}

/** The process's own group first; inside a container that is usually the root of what can be seen. */
function memoryGroups(read: Read) {
  const lines = (read('proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const v2 = lines.find(([id]) => id === '0')?.[2] ?? '/';
  const v1 = lines.find(([, controllers]) => controllers?.split(',').includes('memory'))?.[2] ?? '/';
  const files2 = { limit: 'memory.max', used: 'memory.current', cache: 'inactive_file' };
  const files1 = {
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    cache: 'total_inactive_file',
  };
  return [
    { directory: `sys/fs/cgroup${v2}`, ...files2 },
    { directory: 'sys/fs/cgroup', ...files2 },
    { directory: `sys/fs/cgroup/memory${v1}`, ...files1 },
    { directory: 'sys/fs/cgroup/memory', ...files1 },
  ];
}

/** cgroup v1 writes a number near 2^63 for "no limit". */
const LARGEST_LIMIT = 2 ** 60;

function cpuQuota(read: Read): number | undefined {
  const [quota, period] = (read('sys/fs/cgroup/cpu.max') ?? '').split(' ').map(Number);
  if (quota !== undefined && period !== undefined && quota > 0 && period > 0) return quota / period;
  const v1Quota = Number(read('sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? Number.NaN);
  const v1Period = Number(read('sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? Number.NaN);
  return v1Quota > 0 && v1Period > 0 ? v1Quota / v1Period : undefined;
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

function kibibytes(text: string | undefined, name: string): number | undefined {
  const value = field(text?.replaceAll(':', ''), name);
  return value === undefined ? undefined : value * 1024;
}

function field(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((line) => line.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(/\s+/)[1]);
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
