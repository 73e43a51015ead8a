import type { Rule } from '../finding.ts';
import { mountsOf } from '../mounts.ts';
import { formatSize, parseSize } from '../size.ts';
import { tmpfsBytes } from './mounts.ts';

/** Memory for the process itself, besides its tmpfs mounts. */
const PROCESS_BYTES = 64 * 2 ** 20;

export const memoryLimit: Rule = ({ name, service }) => {
  const limit = service.mem_limit === undefined ? undefined : parseSize(service.mem_limit);
  if (limit !== undefined) return [];
  return [
    {
      rule: 'memory-limit',
      path: ['services', name, 'mem_limit'],
      message:
        service.mem_limit === undefined
          ? 'there is no mem_limit'
          : `mem_limit ${service.mem_limit} is not a size`,
      cure: 'add mem_limit: 1g (tmpfs pages and processes are counted against it)',
    },
  ];
};

/** Full tmpfs mounts must not get a process killed: their pages are charged to the container's memory. */
export const tmpfsFitsMemory: Rule = ({ name, service }) => {
  const limit = service.mem_limit === undefined ? undefined : parseSize(service.mem_limit);
  if (limit === undefined) return [];
  const tmpfs = mountsOf(name, service).filter(({ kind }) => kind === 'tmpfs');
  const sum = tmpfs.reduce((total, mount) => total + (tmpfsBytes(mount) ?? 0), 0);
  if (sum + PROCESS_BYTES <= limit) return [];
  return [
    {
      rule: 'tmpfs-over-memory',
      path: ['services', name, 'mem_limit'],
      message: `the tmpfs mounts may hold ${formatSize(sum)}, and mem_limit is ${service.mem_limit}`,
      cure: `raise mem_limit to ${formatSize(sum + PROCESS_BYTES)} or more, or make the tmpfs mounts smaller`,
    },
  ];
};

/** docker-compose refuses two memory limits that differ. */
export const oneMemoryLimit: Rule = ({ name, service }) =>
  service.deploy?.resources?.limits === undefined
    ? []
    : [
        {
          rule: 'deploy-limits',
          path: ['services', name, 'deploy'],
          message: 'limits are set under deploy',
          cure: 'use mem_limit, pids_limit and cpus alone: podman-compose 1.3 ignores pids under deploy',
        },
      ];

export const pidsLimit: Rule = ({ name, service }) =>
  service.pids_limit !== undefined && service.pids_limit > 0
    ? []
    : [
        {
          rule: 'pids-limit',
          path: ['services', name],
          message: 'there is no pids_limit',
          cure: 'add pids_limit: 256',
        },
      ];
