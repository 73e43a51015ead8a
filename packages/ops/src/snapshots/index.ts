export { listSnapshots, type Snapshot, snapshotName } from './snapshot-files.ts';
export { Snapshots } from './snapshots.ts';
