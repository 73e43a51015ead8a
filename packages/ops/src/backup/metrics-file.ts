import { renameSync, writeFileSync } from 'node:fs';

export interface BackupMetrics {
  /** When the newest backup was made; 0 while there is none. */
  readonly newestMs: number;
  readonly everyMs: number;
  /** Whether the last try made none. */
  readonly isFailing: boolean;
}

/**
 * Writes the figures of a schedule to a file in the text format of Prometheus, as the textfile collector of its node
 * exporter reads it: the schedule answers no requests.
 */
export function writeBackupMetrics(file: string, { newestMs, everyMs, isFailing }: BackupMetrics): void {
  const lines = [
    ...gauge(
      'backup_timestamp_seconds',
      'When the newest backup was made; 0 while there is none',
      newestMs / 1000,
    ),
    ...gauge('backup_interval_seconds', 'From the newest backup to the next', everyMs / 1000),
    ...gauge('backup_failing', '1 while the last try made no backup', isFailing ? 1 : 0),
  ];
  // The exporter never sees half a file, and reads no other ending than .prom.
  writeFileSync(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

function gauge(name: string, help: string, value: number): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`];
}
