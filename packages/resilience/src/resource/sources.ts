import { readFile, statfs } from 'node:fs/promises';
import { memoryGroups } from './control-groups.ts';
import type { Reading, ResourceSource } from './source.ts';

/**
 * Memory of this process's control group, version 2 or 1, whichever limit up the tree is nearest. Pages of files
 * that can be dropped are not counted; those of tmpfs are, since only deleting the files frees them.
 * @param root `/` outside of tests
 */
export const cgroupMemory = (root = '/'): ResourceSource => ({
  name: 'cgroup',
  async read() {
    const readings = memoryGroups(root).map(({ limitBytes, chargedBytes, stat }) =>
      share(Math.max(0, chargedBytes - stat('inactive_file')), limitBytes),
    );
    return readings.toSorted((a, b) => b.used - a.used)[0];
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
