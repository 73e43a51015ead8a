import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from '@xnai/service/process';
import { z } from 'zod';

/** One start of a stack without containers, known by the folder of its sockets and secrets. */
export interface Run {
  readonly path: string;
  /** Whether the process that started it still runs. A run whose starter was killed leaves its folder behind. */
  readonly isAlive: boolean;
  /** Of the stack; undefined while it starts. */
  readonly dataDir: string | undefined;
  /** Of its services; undefined while it starts. */
  readonly addresses: Addresses | undefined;
  /** The processes of the run that still run. */
  readonly children: readonly ProcessIdentity[];
}

export const RUN_PREFIX = 'xnai-start-';
/** In the folder of a run: a line with id and start of each of its processes. */
export const CHILDREN_FILE = 'children';
/** In the folder of a run: the path of its data folder. */
export const DATA_FOLDER_FILE = 'data-folder';

/** In the folder of a run: where its services listen, as JSON. */
export const ADDRESSES_FILE = 'addresses.json';

const Addresses = z.object({ rag: z.url(), crawler: z.url() });
export type Addresses = z.infer<typeof Addresses>;

/** In the folder of a run: an API key for the commands of the user who started it. */
export const CLI_KEY_FILE = 'cli-key';

/** Where runs have their folders, in order of preference. */
export function runBases(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const own = env['XDG_RUNTIME_DIR'];
  return [...(own ? [own] : []), '/dev/shm', tmpdir()];
}

/** The runs of this user. */
export async function listRuns(bases: readonly string[]): Promise<readonly Run[]> {
  const found = await Promise.all([...new Set(bases)].map(listRunsIn));
  return found.flat();
}

/** The run that uses a data folder now. */
export async function findRun(bases: readonly string[], dataDir: string): Promise<Run | undefined> {
  return (await listRuns(bases)).find((run) => run.isAlive && run.dataDir === dataDir);
}

async function listRunsIn(base: string): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const name of await readdir(base).catch(() => [])) {
    const starter = parseIdentity(/^xnai-start-(\d+)-(\d+)-/.exec(name));
    const path = join(base, name);
    if (starter === undefined || !(await isOurs(path))) continue;
    const children = (await readChildren(path)).filter(isProcessAlive);
    const dataDir = await readFile(join(path, DATA_FOLDER_FILE), 'utf8').catch(() => undefined);
    const addresses = await readAddresses(path);
    runs.push({ path, isAlive: isProcessAlive(starter), dataDir, addresses, children });
  }
  return runs;
}

async function readAddresses(path: string): Promise<Addresses | undefined> {
  try {
    return Addresses.parse(JSON.parse(await readFile(join(path, ADDRESSES_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

/** A link is not: others may put one to a folder of ours into /dev/shm. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isDirectory() === true && stats.uid === process.getuid?.();
}

async function readChildren(path: string): Promise<readonly ProcessIdentity[]> {
  const text = await readFile(join(path, CHILDREN_FILE), 'utf8').catch(() => '');
  return [...text.matchAll(/^(\d+) (\d+)$/gm)].flatMap((match) => parseIdentity(match) ?? []);
}

function parseIdentity(match: RegExpExecArray | null): ProcessIdentity | undefined {
  const [, pid, startTicks] = match ?? [];
  return pid === undefined || startTicks === undefined ? undefined : { pid: Number(pid), startTicks };
}

const LOOK_EVERY_MS = 50;

/** Removes what is left of a run. Its processes end by themselves when their starter is gone; those that hang are killed. */
export async function removeRun({ path, children }: Run, endsWithinMs: number): Promise<void> {
  const untilMs = Date.now() + endsWithinMs;
  while (children.some(isProcessAlive) && Date.now() < untilMs) await delay(LOOK_EVERY_MS);
  for (const child of children.filter(isProcessAlive)) process.kill(child.pid, 'SIGKILL');
  await rm(path, { recursive: true, force: true });
}

/** The line of a child process, for the file of its run; undefined when it has ended. */
export function childLine(pid: number): string | undefined {
  const child = identifyProcess(pid);
  return child === undefined ? undefined : `${child.pid} ${child.startTicks}\n`;
}
