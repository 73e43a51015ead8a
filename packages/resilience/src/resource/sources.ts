import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading, ResourceSource } from './source.ts';

/**
 * Memory of this process's control group, version 2 or 1, whichever limit up the tree is nearest. Pages of files
 * that can be dropped are not counted; those of tmpfs are, since only deleting the files frees them.
 */
export const cgroupMemory = ({
  root = '/sys/fs/cgroup',
  self = '/proc/self/cgroup',
} = {}): ResourceSource => ({
  name: 'cgroup',
  async read() {
    const groups = await groupPaths(self);
    const readings = await Promise.all([
      ...upwards(groups.v2).map((path) => memoryOf(join(root, path), v2)),
      ...upwards(groups.v1).map((path) => memoryOf(join(root, 'memory', path), v1)),
    ]);
    return readings.filter((one) => one !== undefined).toSorted((a, b) => b.used - a.used)[0];
  },
});

/** Share of the last ten seconds in which some task waited for memory (PSI); half of the time counts as full. */
export const memoryPressure = ({
  paths = ['/sys/fs/cgroup/memory.pressure', '/proc/pressure/memory'],
}: {
  readonly paths?: readonly string[];
} = {}): ResourceSource => ({
  name: 'pressure',
  async read() {
    for (const path of paths) {
      const found = /^some avg10=([\d.]+)/m.exec(await text(path));
      if (found === null) continue;
      return { used: Number(found[1]) / stalledFully, detail: `${found[1]} % of 10 s stalled` };
    }
    return undefined;
  },
});

/**
 * Fill of the tmpfs that `path` lies on, whose pages are memory. Says nothing of a disk, or of a folder that is not
 * there: a disk that is 90 % full has room for years.
 */
export const tmpfs = (path: string): ResourceSource => ({
  name: `tmpfs ${path}`,
  async read() {
    const { type, blocks, bavail, bsize } = await statfs(path);
    if (type !== tmpfsMagic || blocks === 0) return undefined;
    return share((blocks - bavail) * bsize, blocks * bsize);
  },
});

/** Redis' own memory, from the text of INFO memory. Unknown without a maxmemory. */
export const redisMemory = (info: () => Promise<string>): ResourceSource => ({
  name: 'redis',
  async read() {
    const fields = await info();
    const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(fields)?.[1]);
    const limit = figure('maxmemory');
    return limit > 0 ? share(figure('used_memory'), limit) : undefined;
  },
});

/** TMPFS_MAGIC of statfs(2). */
const tmpfsMagic = 0x01021994;

const stalledFully = 50;

interface MemoryFiles {
  readonly current: string;
  readonly limit: string;
  readonly droppable: RegExp;
}

const v2: MemoryFiles = {
  current: 'memory.current',
  limit: 'memory.max',
  droppable: /^inactive_file (\d+)/m,
};
const v1: MemoryFiles = {
  current: 'memory.usage_in_bytes',
  limit: 'memory.limit_in_bytes',
  droppable: /^total_inactive_file (\d+)/m,
};

const memoryOf = async (folder: string, files: MemoryFiles): Promise<Reading | undefined> => {
  const [current, limit, stat] = await Promise.all(
    [files.current, files.limit, 'memory.stat'].map((file) => text(join(folder, file))),
  );
  const max = Number(limit || 'absent');
  // "max", or version 1's nearly endless number: no limit here.
  if (!(max > 0) || max > 2 ** 60 || !current) return undefined;
  const droppable = Number(files.droppable.exec(stat ?? '')?.[1] ?? 0);
  return share(Math.max(0, Number(current) - droppable), max);
};

const groupPaths = async (self: string): Promise<{ readonly v2: string; readonly v1: string }> => {
  const lines = await text(self);
  return {
    v2: /^0::(.*)$/m.exec(lines)?.[1] ?? '/',
    v1: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(lines)?.[1] ?? '/',
  };
};

/** A path and all above it, up to the root. */
const upwards = (path: string): string[] => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, i) => `/${parts.slice(0, parts.length - i).join('/')}`);
};

/** Empty where the file is not there. */
const text = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => '',
  );

const share = (used: number, of: number): Reading => ({
  used: used / of,
  detail: `${((used / of) * 100).toFixed(1)} % of ${(of / 1_048_576).toFixed(0)} MiB`,
});
