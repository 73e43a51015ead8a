export { listSnapshots, type Snapshot } from './snapshot-files.ts';
export { Snapshots } from './snapshots.ts';
