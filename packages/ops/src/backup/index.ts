export { BackupError } from './backup-error.ts';
export { createBackup } from './create.ts';
export { DrillQuestion, type DrillReport, drillBackup } from './drill.ts';
export type { Receipt } from './manifest.ts';
export { openTarget } from './open-target.ts';
export { findBackup, listBackups, listUnfinished, readBackup } from './read-backups.ts';
export { restoreBackup } from './restore.ts';
export { readStackPlaces } from './stack-places.ts';
export type { Target } from './target.ts';
