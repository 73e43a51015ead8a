import { mountsOf, tmpfsBytes } from '../mounts.ts';
import { rule } from '../rule.ts';
import type { Service } from '../schema.ts';
import { formatSize, parseSize } from '../size.ts';

/** Memory for the process itself, besides its tmpfs mounts. */
const PROCESS_BYTES = 64 * 2 ** 20;

const memoryLimit = rule('memory-limit', ({ service }) => [
  limitOf(service) === undefined && [
    ['mem_limit'],
    service.mem_limit === undefined
      ? 'there is no mem_limit'
      : `mem_limit ${service.mem_limit} is not a size`,
    'add mem_limit: 1g (tmpfs pages and processes are counted against it)',
  ],
]);

/** Full tmpfs mounts must not get a process killed: their pages are charged to the container's memory. */
const tmpfsFitsMemory = rule('tmpfs-over-memory', ({ service }) => {
  const tmpfs = mountsOf(service).filter(({ kind }) => kind === 'tmpfs');
  const sum = tmpfs.reduce((total, mount) => total + (tmpfsBytes(mount) ?? 0), 0);
  return [
    sum + PROCESS_BYTES > (limitOf(service) ?? Infinity) && [
      ['mem_limit'],
      `the tmpfs mounts may hold ${formatSize(sum)}, and mem_limit is ${service.mem_limit}`,
      `raise mem_limit to ${formatSize(sum + PROCESS_BYTES)} or more, or make the tmpfs mounts smaller`,
    ],
  ];
});

/** docker-compose refuses two memory limits that differ. */
const oneMemoryLimit = rule('deploy-limits', ({ service }) => [
  service.deploy?.resources?.limits !== undefined && [
    ['deploy'],
    'limits are set under deploy',
    'use mem_limit, pids_limit and cpus alone: podman-compose 1.3 ignores pids under deploy',
  ],
]);

const pidsLimit = rule('pids-limit', ({ service }) => [
  !(Number(service.pids_limit) > 0) && [[], 'there is no pids_limit', 'add pids_limit: 256'],
]);

export const MEMORY = [memoryLimit, tmpfsFitsMemory, oneMemoryLimit, pidsLimit];

function limitOf({ mem_limit: limit }: Service): number | undefined {
  return limit === undefined ? undefined : parseSize(limit);
}
