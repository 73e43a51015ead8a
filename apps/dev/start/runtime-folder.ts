import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from '@xnai/service/process';
import { pollUntil } from './poll-until.ts';

/** The secrets, sockets and temporary files of one running stack. Only its owner can read it; it is on a tmpfs if possible. */
export interface RuntimeFolder extends AsyncDisposable {
  readonly path: string;
  /** Whether it is on a tmpfs. */
  readonly isInMemory: boolean;
  /** Records a child process, so that a later start can end it when this start is killed. */
  addChild(this: void, pid: number): void;
}

const PREFIX = 'xnai-start-';
const CHILDREN = 'children';
const ORPHANS_END_MS = 6_000;
const TMPFS_MAGIC = 0x01021994;

/** Creates the folder. Removes the folders of starts that were killed, and ends their child processes. */
export async function openRuntimeFolder(
  bases = runtimeBases(),
  { orphansEndMs = ORPHANS_END_MS } = {},
): Promise<RuntimeFolder> {
  const startTicks = identifyProcess(process.pid)?.startTicks ?? 0;
  for (const base of bases) await removeStaleFolders(base, orphansEndMs);
  const path = await makeFolder(bases, `${PREFIX}${process.pid}-${startTicks}-`);
  return {
    path,
    isInMemory: (await statfs(path)).type === TMPFS_MAGIC,
    addChild(pid) {
      const child = identifyProcess(pid);
      if (child !== undefined) appendFileSync(join(path, CHILDREN), `${child.pid} ${child.startTicks}\n`);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** In order of preference. */
function runtimeBases(): readonly string[] {
  const own = process.env['XDG_RUNTIME_DIR'];
  return [...(own ? [own] : []), '/dev/shm', tmpdir()];
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

async function removeStaleFolders(base: string, orphansEndMs: number): Promise<void> {
  const names = await readdir(base).catch(() => []);
  for (const name of names) {
    const starter = parseIdentity(/^xnai-start-(\d+)-(\d+)-/.exec(name));
    const path = join(base, name);
    if (starter === undefined || isProcessAlive(starter) || !(await isOurs(path))) continue;
    await endOrphans(await readChildren(path), orphansEndMs);
    await rm(path, { recursive: true, force: true });
  }
}

async function isOurs(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && stats.uid === process.getuid?.();
}

async function readChildren(path: string): Promise<readonly ProcessIdentity[]> {
  const text = await readFile(join(path, CHILDREN), 'utf8').catch(() => '');
  return [...text.matchAll(/^(\d+) (\d+)$/gm)].flatMap((match) => parseIdentity(match) ?? []);
}

function parseIdentity(match: RegExpExecArray | null): ProcessIdentity | undefined {
  const [, pid, startTicks] = match ?? [];
  return pid === undefined || startTicks === undefined ? undefined : { pid: Number(pid), startTicks };
}

/** Child processes end by themselves when their starter is gone. Those that hang are killed. */
async function endOrphans(children: readonly ProcessIdentity[], timeoutMs: number): Promise<void> {
  await pollUntil(() => !children.some(isProcessAlive), { timeoutMs });
  for (const child of children.filter(isProcessAlive)) process.kill(child.pid, 'SIGKILL');
}
