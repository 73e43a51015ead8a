import type { Rule } from '../finding.ts';
import { memoryLimit, oneMemoryLimit, pidsLimit, tmpfsFitsMemory } from './memory.ts';
import {
  declaredVolumes,
  noNestedMounts,
  noWritableBinds,
  oneMountPerDestination,
  plainDestinations,
  sizedTmpfs,
} from './mounts.ts';
import { noCapabilities, noNewPrivileges, onLoopback } from './privileges.ts';
import { declaredNetworks, healthCheck, noWaitingForHealth, pinnedImage, restartPolicy } from './running.ts';
import { noDefaultPasswords, noSelfReference } from './secrets.ts';
import { mappedUser, noPod, notRoot } from './users.ts';
import { foldersAreMounted, ownTmp, readOnlyRoot } from './writable.ts';

/** The whole list, in the order in which a reader looks at a service. */
export const RULES: readonly Rule[] = [
  pinnedImage,
  notRoot,
  mappedUser,
  noPod,
  readOnlyRoot,
  ownTmp,
  foldersAreMounted,
  oneMountPerDestination,
  noNestedMounts,
  plainDestinations,
  sizedTmpfs,
  noWritableBinds,
  declaredVolumes,
  memoryLimit,
  tmpfsFitsMemory,
  oneMemoryLimit,
  pidsLimit,
  noCapabilities,
  noNewPrivileges,
  onLoopback,
  noDefaultPasswords,
  noSelfReference,
  healthCheck,
  restartPolicy,
  noWaitingForHealth,
  declaredNetworks,
];
