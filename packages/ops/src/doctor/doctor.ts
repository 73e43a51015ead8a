import type { Host } from '../host/host.ts';
import { checkAudit } from './audit-check.ts';
import { checkContainers, checkInside, checkUnits } from './container-checks.ts';
import { checkDatabase } from './database-check.ts';
import { checkDataFolder, checkIndexes, checkKeys, checkModels, checkRuns } from './file-checks.ts';
import { type Finding, LEVELS } from './finding.ts';
import { checkClock, checkDisk, checkGpu, checkLimits, checkMemory, checkSwap } from './host-checks.ts';
import { checkTmpfs } from './inside-checks.ts';
import { checkModelServers } from './model-servers-check.ts';
import { checkModelStore } from './model-store-check.ts';
import {
  checkControlGroups,
  checkNames,
  checkPodman,
  checkProvider,
  checkSelinux,
  checkSubordinateIds,
  checkSystemd,
  checkUserNamespaces,
} from './podman-checks.ts';
import { checkRedis } from './redis-checks.ts';
import { type Check, openScene, type Scene, type SceneOptions } from './scene.ts';
import { checkServices } from './service-checks.ts';

/** In the order of their findings within one level. */
const CHECKS: Readonly<Record<string, Check>> = {
  podman: checkPodman,
  compose: checkProvider,
  subuid: checkSubordinateIds,
  namespaces: checkUserNamespaces,
  cgroups: checkControlGroups,
  systemd: checkSystemd,
  names: checkNames,
  selinux: checkSelinux,
  memory: checkMemory,
  limits: checkLimits,
  swap: checkSwap,
  disk: checkDisk,
  gpu: checkGpu,
  clock: checkClock,
  data: checkDataFolder,
  keys: checkKeys,
  audit: checkAudit,
  models: checkModels,
  servers: checkModelServers,
  store: checkModelStore,
  index: checkIndexes,
  database: checkDatabase,
  runs: checkRuns,
  redis: checkRedis,
  services: checkServices,
  containers: checkContainers,
  units: checkUnits,
  tmpfs: checkTmpfs,
  inside: checkInside,
};
/** In a container, the rest says what is true of the host, and can be seen there alone. */
const INSIDE = new Set(['clock', 'keys', 'audit', 'models', 'index', 'database', 'redis', 'tmpfs']);

/**
 * Looks at a machine and at the stack on it, before or after a start, and changes nothing.
 *
 * @returns the worst findings first
 */
export async function examine(host: Host, options: SceneOptions): Promise<readonly Finding[]> {
  const scene = await openScene(host, options);
  const checks = Object.entries(CHECKS).filter(([subject]) => !scene.isInside || INSIDE.has(subject));
  const findings = await Promise.all(checks.map(([subject, check]) => attempt(subject, check, scene)));
  return findings.flat().toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

async function attempt(subject: string, check: Check, scene: Scene): Promise<readonly Finding[]> {
  try {
    return await check(scene);
  } catch (error) {
    return [{ level: 'warning', subject, cause: `it could not be looked at: ${(error as Error).message}` }];
  }
}
