import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '@xnai/service/make-folder';
import { openThreads } from '@xnai/service/threads';
import type * as CopyThread from './copy-thread.ts';
import {
  finishSnapshot,
  listSnapshots,
  partialPath,
  prepareSnapshotFolder,
  type Snapshot,
  snapshotName,
  writtenMark,
} from './snapshot-files.ts';

export interface SnapshotsOptions {
  /** The SQLite file that is copied. */
  readonly index: string;
  /** Where copies go; made when it is missing. */
  readonly folder: string;
  /** How many finished snapshots stay. */
  readonly keep?: number;
}

/** There are snapshots, and none can be restored. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly forOperator = true;
}

/** The thread only calls SQLite, which keeps its memory itself. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/**
 * Copies an index into finished snapshots, and back, in a thread that is there only meanwhile. An older snapshot is
 * deleted only after a newer one was finished and checked, so that a kill at any time costs nothing older.
 */
export class Snapshots implements AsyncDisposable {
  readonly #options: SnapshotsOptions;
  readonly #threads = openThreads<typeof CopyThread>({
    module: new URL('./copy-thread.ts', import.meta.url),
    size: 1,
    minSize: 0,
    resourceLimits: SMALL_HEAP,
  });
  #copied: string | undefined;
  #running: Promise<Snapshot | undefined> | undefined;

  static async open(options: SnapshotsOptions): Promise<Snapshots> {
    await prepareSnapshotFolder(options.folder);
    return new Snapshots(options);
  }

  private constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /**
   * Puts the newest snapshot that is whole in the place of an index that is not there.
   *
   * @returns the snapshot; undefined when there is an index, or no snapshot
   * @throws {SnapshotError} when there are snapshots and none can be restored
   */
  async restore(onDamaged: (snapshot: Snapshot, error: unknown) => void): Promise<Snapshot | undefined> {
    const { index, folder } = this.#options;
    if (await exists(index)) return undefined;
    const snapshots = await listSnapshots(folder);
    await makeFolder(dirname(index));
    // SQLite would apply the log of the index that is gone to this one.
    await Promise.all(['-wal', '-shm'].map((suffix) => rm(index + suffix, { force: true })));
    for (const snapshot of snapshots) {
      try {
        await this.#copyTo(index, snapshot);
        return snapshot;
      } catch (error) {
        onDamaged(snapshot, error);
      }
    }
    if (snapshots.length === 0) return undefined;
    throw new SnapshotError(`none of the snapshots in ${folder} can be restored; the log lines above give the reasons.
Give the index folder the room that they need, or move them away to start with an empty index`);
  }

  /** Undefined when nothing was written since the last one. A call during another one shares its result. */
  take(): Promise<Snapshot | undefined> {
    this.#running ??= this.#take().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#threads.close();
  }

  async #copyTo(index: string, { path }: Snapshot): Promise<void> {
    const next = `${index}.restoring`;
    await rm(next, { force: true });
    await this.#threads.run('copy', { from: path, to: next });
    await rename(next, index);
  }

  async #take(): Promise<Snapshot | undefined> {
    const { index, folder, keep = 2 } = this.#options;
    // Before the copy: what is written during it is copied the next time, at the latest.
    const mark = await writtenMark(index);
    if (mark === this.#copied) return undefined;
    const [last] = await listSnapshots(folder);
    // Also where the clock went back: the names say which one is the newest.
    const name = snapshotName(new Date(Math.max(Date.now(), (last?.takenAt.getTime() ?? 0) + 1)));
    await this.#threads.run('copy', { from: index, to: partialPath(folder, name) });
    await finishSnapshot(folder, name);
    this.#copied = mark;
    const [newest, ...older] = await listSnapshots(folder);
    await Promise.all(older.slice(keep - 1).map(({ path }) => rm(path)));
    return newest;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
