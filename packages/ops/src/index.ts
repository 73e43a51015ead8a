export { examine } from './doctor/doctor.ts';
export { type Finding, LEVELS, type Level } from './doctor/finding.ts';
export { readStatus, type ServiceStatus } from './doctor/status.ts';
export { type Host, type HostOptions, openHost } from './host/host.ts';
export { keysFileEnv, keysFileOf, readKeysFile } from './keys-file.ts';
export { findContainerStack } from './podman/container-stack.ts';
export { checkPromises } from './promises/check-promises.ts';
export type { Verdict } from './promises/promise.ts';
export type { Item, Plan, Removable } from './reclaim/item.ts';
export { planReclaim, type Reclaimed, reclaim } from './reclaim/reclaim.ts';
export { REDIS_FOLDER } from './redis-folder.ts';
export { root } from './root.ts';
export { isForeign, listenersOn } from './runs/listeners.ts';
export {
  ADDRESSES_FILE,
  type Addresses,
  CHILDREN_FILE,
  CLI_KEY_FILE,
  childLine,
  DATA_FOLDER_FILE,
  findRun,
  listRuns,
  RUN_PREFIX,
  type Run,
  removeRun,
  runBases,
} from './runs/runs.ts';
