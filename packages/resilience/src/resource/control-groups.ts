import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group of this process, or one around it, that limits memory. */
export interface MemoryGroup {
  readonly limitBytes: number;
  /** What is charged to the group, file pages included. */
  readonly chargedBytes: number;
  /** A figure of `memory.stat`, named as in version 2; 0 where it is not there. */
  stat(name: 'active_file' | 'inactive_file' | 'file_mapped'): number;
}

/** Every memory limit that holds for this process, of either version. @param root `/` outside of tests */
export function memoryGroups(root = '/'): MemoryGroup[] {
  return [
    ...groupFolders(root).map((folder) => groupOf(folder, V2)),
    ...groupFolders(root, 'memory').map((folder) => groupOf(folder, V1)),
  ].filter((group) => group !== undefined);
}

/**
 * The folders of the process's own control group and of those around it, the nearest first; inside a container that is
 * usually the root alone.
 * @param controller of version 1; version 2 without it
 */
export function groupFolders(root: string, controller = ''): string[] {
  const lines = readText(join(root, 'proc/self/cgroup')).split('\n');
  const isMeant = ([id, controllers = '']: readonly string[]) =>
    controller === '' ? id === '0' : controllers.split(',').includes(controller);
  const path = lines.map((line) => line.split(':')).find(isMeant)?.[2] ?? '';
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return [...parts, ''].map((_, up) =>
    join(root, 'sys/fs/cgroup', controller, ...parts.slice(0, parts.length - up)),
  );
}

const V2 = { current: 'memory.current', limit: 'memory.max', prefix: '' };
const V1 = { current: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes', prefix: 'total_' };

function groupOf(folder: string, { current, limit, prefix }: typeof V2): MemoryGroup | undefined {
  const limitBytes = Number(readText(join(folder, limit)) || 'absent');
  const charged = readText(join(folder, current));
  // "max", or version 1's number near 2^63: there is no limit.
  if (!(limitBytes > 0 && limitBytes <= 2 ** 60) || charged === '') return undefined;
  const stats = readText(join(folder, 'memory.stat'));
  return {
    limitBytes,
    chargedBytes: Number(charged),
    stat(name) {
      const field = prefix === '' || name !== 'file_mapped' ? name : 'mapped_file';
      return Number(new RegExp(`^${prefix}${field} (\\d+)`, 'm').exec(stats)?.[1] ?? 0);
    },
  };
}

/** Empty where this kernel has no such file. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
