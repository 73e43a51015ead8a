import { Snapshots } from '@xnai/ops/snapshots';
import type { AuditLog, Check, Closeable, Logger } from '@xnai/service';
import { Gauge, type Registry } from 'prom-client';

export interface IndexSnapshotsOptions {
  /** The index file. */
  readonly index: string;
  readonly folder: string;
  readonly everyMs: number;
}

export interface IndexSnapshots extends Closeable {
  readonly check: Check;
  /** Takes one whenever the interval has passed and something was written; the last one when it is closed. */
  start(): void;
  registerMetrics(registry: Registry): void;
}

/**
 * Opens the snapshots of the index, and restores the newest one when there is no index, as after the loss of a tmpfs.
 * To be called before the index is opened.
 *
 * @throws {SnapshotError} when there are snapshots and none can be restored
 */
export async function openIndexSnapshots(
  { index, folder, everyMs }: IndexSnapshotsOptions,
  { log, audit }: { readonly log: Logger; readonly audit: Pick<AuditLog, 'record'> },
): Promise<IndexSnapshots> {
  const snapshots = await Snapshots.open({ index, folder });
  const restored = await snapshots.restore(({ name }, err) =>
    log.error({ snapshot: name, err }, 'snapshot is damaged'),
  );
  if (restored !== undefined) {
    const of = { snapshot: restored.name };
    log.warn(of, 'there was no index: restored from the newest snapshot');
    await audit
      .record({ what: 'index.restore', of })
      .catch((err: unknown) => log.error({ err }, 'not recorded'));
  }
  const latest = { takenAt: restored?.takenAt, hasFailed: false };
  let timer: NodeJS.Timeout | undefined;

  async function take(): Promise<void> {
    try {
      const taken = await snapshots.take();
      latest.hasFailed = false;
      if (taken === undefined) return;
      latest.takenAt = taken.takenAt;
      log.info({ snapshot: taken.name }, 'snapshot taken');
    } catch (err) {
      latest.hasFailed = true;
      log.error({ err }, 'no snapshot could be taken; the older ones are kept');
    }
  }

  return {
    name: 'snapshots',
    start() {
      timer = setInterval(take, everyMs).unref();
    },
    check: {
      name: 'snapshots',
      check: () =>
        latest.hasFailed
          ? {
              status: 'degraded',
              detail: 'the last snapshot of the index could not be taken; the log has the reason',
            }
          : { status: 'ok', detail: { taken_at: latest.takenAt?.toISOString() ?? null } },
    },
    registerMetrics(registry) {
      new Gauge({
        name: 'index_snapshot_timestamp_seconds',
        help: 'When the newest snapshot of the index was taken or restored; 0 while there is none',
        registers: [registry],
        collect() {
          this.set((latest.takenAt?.getTime() ?? 0) / 1000);
        },
      });
    },
    async close() {
      clearInterval(timer);
      await take();
      // The one before may have been under way while the last document was written.
      await take();
      await snapshots[Symbol.asyncDispose]();
    },
  };
}
