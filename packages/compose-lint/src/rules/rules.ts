import type { Rule } from '../finding.ts';
import { buildFile } from './build-file.ts';
import { memory, oneMemoryLimit, outOfMemory, pidsLimit } from './memory.ts';
import {
  mountedImageVolumes,
  noNestedMounts,
  noWritableBinds,
  oneMountPerDestination,
  plainDestinations,
} from './mounts.ts';
import { ports } from './ports.ts';
import { engineSocket, privileges } from './privileges.ts';
import { declared, dependencies } from './references.ts';
import { healthCheck, ownNetwork, pinnedImage, restartPolicy } from './running.ts';
import { noDefaultPasswords, noSelfReference } from './secrets.ts';
import { tmpfsModes, tmpfsSizes } from './tmpfs.ts';
import { mappedUser, noPod, notRoot } from './users.ts';
import { foldersAreMounted, ownTmp, readOnlyRoot } from './writable.ts';

/** All rules of a service. The order of their messages is that of `levels.ts`. */
export const RULES: readonly Rule[] = [
  pinnedImage,
  buildFile,
  notRoot,
  mappedUser,
  noPod,
  readOnlyRoot,
  ownTmp,
  foldersAreMounted,
  oneMountPerDestination,
  noNestedMounts,
  plainDestinations,
  tmpfsSizes,
  tmpfsModes,
  noWritableBinds,
  mountedImageVolumes,
  declared,
  dependencies,
  memory,
  outOfMemory,
  oneMemoryLimit,
  pidsLimit,
  privileges,
  engineSocket,
  ports,
  noDefaultPasswords,
  noSelfReference,
  healthCheck,
  restartPolicy,
  ownNetwork,
];
