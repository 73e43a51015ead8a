import { globSync, lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Host } from '../host/host.ts';
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

/** A fetch that goes on writes every few seconds. */
const GIVEN_UP_MS = 86_400_000;

/** Parts of model files whose fetch was given up. */
export function planFiles(modelFolders: readonly string[]): readonly Removable[] {
  return modelFolders.flatMap((folder) =>
    globSync('**/*.part', { cwd: folder })
      .map((name) => join(folder, name))
      .filter(
        (file) =>
          Date.now() - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > GIVEN_UP_MS,
      )
      .map((file) => ({
        kind: 'file' as const,
        name: relative(folder, file),
        bytes: sizeOf(file),
        why: 'the fetch of a model that was given up a day ago or longer',
        command: `rm ${file}`,
        remove: () => rm(file, { force: true }),
      })),
  );
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
