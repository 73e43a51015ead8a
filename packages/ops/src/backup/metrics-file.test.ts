import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeBackupMetrics } from './metrics-file.ts';

test('replaces the figures of a schedule, and leaves nothing else that an exporter would read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'backup.prom');

  writeBackupMetrics(file, { newestMs: 0, everyMs: 3_600_000, isFailing: true });
  writeBackupMetrics(file, { newestMs: 1_700_000_000_500, everyMs: 3_600_000, isFailing: false });

  expect(readdirSync(folder)).toEqual(['backup.prom']);
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    'backup_timestamp_seconds 1700000000.5',
    'backup_interval_seconds 3600',
    'backup_failing 0',
    '',
  ]);
  expect(lines).toContain('# TYPE backup_timestamp_seconds gauge');
});
