import { statSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { cgroupMemory, memoryPressure, type ResourceSource, tmpfs } from '@xnai/resilience';

/**
 * Where a service runs out of memory: its control group, pressure, and each tmpfs that one of its folders lies on, the
 * folder for temporary files and Node's cache of compiled code among them.
 */
export function memorySources(folders: readonly (string | undefined)[]): readonly ResourceSource[] {
  const all = [...folders, tmpdir(), getCompileCacheDir()].filter((folder) => folder !== undefined);
  const mounts = new Map(all.toReversed().map((folder) => [mountOf(folder), folder]));
  return [cgroupMemory(), memoryPressure(), ...[...mounts.values()].toReversed().map(tmpfs)];
}

/** Two folders of one file system fill together. One that is yet to be made stands for itself. */
function mountOf(folder: string): number | string {
  return statSync(folder, { throwIfNoEntry: false })?.dev ?? folder;
}
