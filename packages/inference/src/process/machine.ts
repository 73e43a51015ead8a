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

interface MemoryLimit {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

/** The tightest of the limits that hold for this process: its own group's, and those of the groups around it. */
function memoryLimit(read: Read): MemoryLimit | undefined {
  const limits = [
    ...groups(read, '', '').map((group) => limitOf(read, group, V2)),
    ...groups(read, 'memory', '/memory').map((group) => limitOf(read, group, V1)),
  ].filter((limit) => limit !== undefined);
  return limits.sort((a, b) => a.limitBytes - a.usedBytes - (b.limitBytes - b.usedBytes))[0];
}

const V2 = {
  limit: 'memory.max',
  used: 'memory.current',
  cache: ['active_file', 'inactive_file'],
  mapped: 'file_mapped',
} as const;
const V1 = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: ['total_active_file', 'total_inactive_file'],
  mapped: 'total_mapped_file',
} as const;

function limitOf(read: Read, group: string, names: typeof V1 | typeof V2): MemoryLimit | undefined {
  const limitBytes = Number(read(`${group}/${names.limit}`) ?? Number.NaN);
  if (!Number.isFinite(limitBytes) || limitBytes > LARGEST_LIMIT) return undefined;
  const stat = read(`${group}/memory.stat`);
  const bytes = (name: string) => field(stat, name) ?? 0;
  // File pages that nobody has mapped, those of a model just fetched among them, can be dropped when memory is needed.
  const [active, inactive] = names.cache;
  const droppable = Math.max(0, bytes(active) + bytes(inactive) - bytes(names.mapped));
  const usedBytes = Math.max(0, Number(read(`${group}/${names.used}`) ?? 0) - droppable);
  return { limitBytes, usedBytes };
}

/** cgroup v1 writes a number near 2^63 for "no limit". */
const LARGEST_LIMIT = 2 ** 60;

/**
 * The directories of the process's own control group and of those around it; inside a container that is usually the
 * root alone. `controller` is empty for version 2.
 */
function groups(read: Read, controller: string, mount: string): string[] {
  const lines = (read('proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  const isMeant = ([id, controllers = '']: string[]) =>
    controller === '' ? id === '0' : controllers.split(',').includes(controller);
  const parts = (lines.find(isMeant)?.[2] ?? '').split('/').filter(Boolean);
  const paths = parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
  return [...paths, ''].map((path) => `sys/fs/cgroup${mount}${path}`);
}

function cpuQuota(read: Read): number | undefined {
  const quotas = [
    ...groups(read, '', '').map((group) => {
      const [quota, period] = (read(`${group}/cpu.max`) ?? '').split(' ').map(Number);
      return share(quota, period);
    }),
    ...groups(read, 'cpu', '/cpu').map((group) =>
      share(
        Number(read(`${group}/cpu.cfs_quota_us`) ?? Number.NaN),
        Number(read(`${group}/cpu.cfs_period_us`) ?? Number.NaN),
      ),
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
