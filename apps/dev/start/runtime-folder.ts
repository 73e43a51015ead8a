import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Secrets, sockets and scratch of one running stack: 0700, in RAM where there is a tmpfs. */
export interface RuntimeFolder extends AsyncDisposable {
  readonly path: string;
  /** Whether it lies on a tmpfs. */
  readonly isInMemory: boolean;
  /** Remembers a child, so that a later start can see to it that it has ended. */
  addChild(this: void, pid: number): void;
}

const PREFIX = 'xnai-start-';
const CHILDREN = 'children';
const ORPHANS_END_MS = 6_000;
const POLL_MS = 50;

/** Makes the folder, and takes away those that killed starts have left behind, with what is left of their children. */
export async function openRuntimeFolder(
  bases = runtimeBases(),
  { orphansEndMs = ORPHANS_END_MS } = {},
): Promise<RuntimeFolder> {
  const self = identify(process.pid);
  for (const base of bases) await removeStaleFolders(base, orphansEndMs);
  const path = await makeFolder(bases, `${PREFIX}${process.pid}-${self?.startTicks ?? 0}-`);
  return {
    path,
    isInMemory: await isTmpfs(path),
    addChild(pid) {
      const child = identify(pid);
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
  throw new AggregateError(failures, `no folder for sockets and secrets can be made in ${bases.join(', ')}`);
}

const TMPFS_MAGIC = 0x01021994;

async function isTmpfs(path: string): Promise<boolean> {
  return (await statfs(path)).type === TMPFS_MAGIC;
}

async function removeStaleFolders(base: string, orphansEndMs: number): Promise<void> {
  const names = await readdir(base).catch(() => []);
  for (const name of names) {
    const [, pid, startTicks] = /^xnai-start-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || startTicks === undefined) continue;
    const path = join(base, name);
    if (isAlive({ pid: Number(pid), startTicks }) || !(await isOurs(path))) continue;
    await endOrphans(await readChildren(path), orphansEndMs);
    await rm(path, { recursive: true, force: true });
  }
}

async function isOurs(path: string): Promise<boolean> {
  const owner = await stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
  return owner === process.getuid?.();
}

async function readChildren(path: string): Promise<readonly ProcessIdentity[]> {
  const text = await readFile(join(path, CHILDREN), 'utf8').catch(() => '');
  return [...text.matchAll(/^(\d+) (\d+)$/gm)].map(([, pid, startTicks]) => ({
    pid: Number(pid),
    startTicks: startTicks ?? '',
  }));
}

/** They end by themselves when their parent is gone; what hangs is killed. */
async function endOrphans(children: readonly ProcessIdentity[], patienceMs: number): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (children.some(isAlive) && Date.now() < giveUpAt) await sleep(POLL_MS);
  for (const child of children.filter(isAlive)) process.kill(child.pid, 'SIGKILL');
}
