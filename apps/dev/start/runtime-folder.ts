import { appendFileSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { CHILDREN_FILE, childLine, listRuns, RUN_PREFIX, removeRun, runBases } from '@xnai/ops';
import { identifyProcess } from '@xnai/service/process';

/** The secrets, sockets and temporary files of one running stack. Only its owner can read it; it is on a tmpfs if possible. */
export interface RuntimeFolder extends AsyncDisposable {
  readonly path: string;
  /** Whether it is on a tmpfs. */
  readonly isInMemory: boolean;
  /** Records a child process, so that a later start can end it when this start is killed. */
  addChild(this: void, pid: number): void;
}

const ORPHANS_END_MS = 6_000;
const TMPFS_MAGIC = 0x01021994;

/** Creates the folder. Removes the folders of starts that were killed, and ends their child processes. */
export async function openRuntimeFolder(
  bases = runBases(process.env),
  { orphansEndMs = ORPHANS_END_MS } = {},
): Promise<RuntimeFolder> {
  const startTicks = identifyProcess(process.pid)?.startTicks ?? 0;
  for (const run of await listRuns(bases)) if (!run.isAlive) await removeRun(run, orphansEndMs);
  const path = await makeFolder(bases, `${RUN_PREFIX}${process.pid}-${startTicks}-`);
  return {
    path,
    isInMemory: (await statfs(path)).type === TMPFS_MAGIC,
    addChild(pid) {
      const line = childLine(pid);
      if (line !== undefined) appendFileSync(join(path, CHILDREN_FILE), line);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function makeFolder(bases: readonly string[], prefix: string): Promise<string> {
  const failures: unknown[] = [];
  for (const base of bases) {
    try {
      return await mkdtemp(join(base, prefix));
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(
    failures,
    `no folder for sockets and secrets can be created in ${bases.join(', ')}`,
  );
}
