import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from './wait-until.ts';

/** A control group whose processes, and the pages of tmpfs that they write, may take so much memory together. */
export interface MemoryGroup extends AsyncDisposable {
  /** A command that runs another one in the group. */
  command(command: string, args: readonly string[]): readonly [string, readonly string[]];
  /** Adds zeros to a file, from within the group; a file on a tmpfs takes its memory. */
  fill(file: string, mebibytes: number): void;
  usedBytes(): number;
  /** How many processes the kernel has ended because memory ran out. */
  kills(): number;
}

const VERSIONS = [
  {
    parent: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    used: 'memory.usage_in_bytes',
    events: 'memory.oom_control',
  },
  { parent: '/sys/fs/cgroup', limit: 'memory.max', used: 'memory.current', events: 'memory.events' },
] as const;

/** Of a folder that this user may not make, or whose parent is not there. */
const MAY_NOT: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT']);

/** Undefined where this user may make none. */
export function openMemoryGroup(limitBytes: number): MemoryGroup | undefined {
  for (const { parent, limit, used, events } of VERSIONS) {
    const folder = join(parent, `xnai-test-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch (error) {
      if (MAY_NOT.has((error as NodeJS.ErrnoException).code)) continue;
      throw error;
    }
    if (!existsSync(join(folder, limit))) {
      rmdirSync(folder);
      continue;
    }
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const command: MemoryGroup['command'] = (name, args) => [
      'sh',
      ['-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh', name, ...args],
    ];
    writeFileSync(join(folder, limit), String(limitBytes));
    return {
      command,
      fill(file, mebibytes) {
        const [sh, args] = command('dd', [
          'if=/dev/zero',
          `of=${file}`,
          'bs=1M',
          `count=${mebibytes}`,
          'oflag=append',
          'conv=notrunc',
          'status=none',
        ]);
        execFileSync(sh, args);
      },
      usedBytes: () => Number(read(used)),
      kills: () => Number(/^oom_kill (\d+)/m.exec(read(events))?.[1] ?? 0),
      async [Symbol.asyncDispose]() {
        await waitUntil('the group is empty', () => read('cgroup.procs') === '');
        rmdirSync(folder);
      },
    };
  }
  return undefined;
}
