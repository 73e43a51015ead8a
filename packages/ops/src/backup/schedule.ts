import { setTimeout as delay } from 'node:timers/promises';
import { fingerprintOf, readSigningKey } from '@xnai/secrets';
import { BackupError } from './backup-error.ts';
import { type CreateOptions, createBackup } from './create.ts';
import type { Receipt } from './manifest.ts';
import { listBackups } from './read-backups.ts';

export interface ScheduleOptions extends CreateOptions {
  readonly everyMs: number;
  /** A backup that takes longer is given up. */
  readonly timeoutMs: number;
  readonly onBackup: (receipt: Receipt) => void;
  /** Called before each wait and each backup with the time of the newest backup of this stack; 0 while there is none. */
  readonly onNewest?: (createdAtMs: number) => void;
  /** The next try comes after a quarter of the interval, and after 15 minutes at the latest. */
  readonly onFailure: (error: unknown) => void;
}

const RETRY_MS = 15 * 60_000;

/**
 * Makes a backup whenever the newest one in the target is older than the interval, until the signal is aborted. It also
 * keeps to the interval across its own restarts.
 */
export async function scheduleBackups(options: ScheduleOptions): Promise<void> {
  const { everyMs, timeoutMs, onBackup, onNewest = () => {}, onFailure, signal } = options;
  const retryMs = Math.min(RETRY_MS, everyMs / 4);
  while (!signal.aborted) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const createdAtMs = await newestMs(options, limit);
      onNewest(createdAtMs);
      const dueMs = createdAtMs + everyMs - Date.now();
      if (dueMs > 0) await pause(dueMs, signal);
      else onBackup(await createBackup({ ...options, signal: limit }));
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
      await pause(retryMs, signal);
    }
  }
}

async function newestMs({ target, places }: ScheduleOptions, signal: AbortSignal): Promise<number> {
  const stack = fingerprintOf(await readSigningKey(places.audit.keyFile));
  const { backups } = await listBackups(target, signal).catch(ifMissing);
  const newest = backups.find(({ manifest }) => manifest.stack === stack);
  return newest === undefined ? 0 : Date.parse(newest.manifest.createdAt);
}

/** The first backup makes the target. */
function ifMissing(error: unknown): Awaited<ReturnType<typeof listBackups>> {
  if (error instanceof BackupError && error.code === 'NOT_FOUND') return { backups: [], unreadable: [] };
  throw error;
}

/** A timer takes no more. */
const MAX_PAUSE_MS = 2 ** 31 - 1;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, MAX_PAUSE_MS), undefined, { signal }).catch(() => {});
}
