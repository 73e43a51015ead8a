import { globSync, lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { REDIS_FOLDER } from '../redis-folder.ts';
import { listRuns, removeRun, runBases } from '../runs/runs.ts';
import type { Removable } from './item.ts';

const ENDS_WITHIN_MS = 5_000;

/** Starts of a stack without containers that were killed: their folders, and processes that have not ended with them. */
export async function planRuns(host: Host): Promise<readonly Removable[]> {
  const runs = await listRuns(runBases(host.env).map(host.at));
  return runs
    .filter(({ isAlive }) => !isAlive)
    .map((run) => ({
      kind: 'run',
      name: run.path,
      bytes: sizeOf(run.path),
      why: `its start was killed; ${run.children.length} of its processes still run`,
      command: [...run.children.map(({ pid }) => `kill -9 ${pid};`), `rm -r ${run.path}`].join(' '),
      remove: () => removeRun(run, ENDS_WITHIN_MS),
    }));
}

/** What goes on writes every few seconds. */
const GIVEN_UP_MS = 86_400_000;

/** What was cut off a day ago or longer: fetches of models, restores, and rewrites of the append-only file. */
export function planFiles(dataDir: string, modelFolder: string): readonly Removable[] {
  return [
    ...globSync(join(modelFolder, '**/*.part'))
      .filter(isOld)
      .map((path) => fileItem(path, 'the fetch of a model that was given up a day ago or longer')),
    ...globSync(join(dataDir, '.restoring-*'))
      .filter(isOld)
      .map((path) => fileItem(path, 'of a restore that was cut off')),
    ...globSync(join(dataDir, REDIS_FOLDER, 'temp-*'))
      .filter(isOld)
      .map((path) => fileItem(path, 'of a rewrite in which Redis was killed')),
  ];
}

/** What was moved aside: by a restore, and as damaged. */
export function planFormerData(dataDir: string): readonly Removable[] {
  return [
    ...globSync(join(dataDir, '{,*/}*.before-restore-*')).map((path) =>
      fileItem(path, 'what a restore has moved aside'),
    ),
    ...globSync(join(dataDir, '*.damaged')).map((path) => fileItem(path, 'what was moved aside as damaged')),
  ];
}

function fileItem(path: string, why: string): Removable {
  return {
    kind: 'file',
    name: path,
    bytes: sizeOf(path),
    why,
    command: `rm -r ${path}`,
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

function isOld(path: string): boolean {
  const written = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - written > GIVEN_UP_MS;
}

/** Bytes of a file, or of all files of a folder that can be seen. */
export function sizeOf(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.blocks * 512;
  try {
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}
