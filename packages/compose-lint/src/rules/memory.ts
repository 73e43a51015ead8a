import type { Finding, Rule } from '../finding.ts';
import { type Mount, mountsOf } from '../mounts.ts';
import type { Project, Service } from '../schema.ts';
import { formatSize, parseSize } from '../size.ts';
import { tmpfsSize } from './tmpfs.ts';

/** Memory for the process itself, besides its tmpfs mounts. */
const PROCESS_BYTES = 64 * 2 ** 20;
/** What Podman gives a container without `shm_size`. */
const SHM = '64m';

/** Full tmpfs mounts must not get a process killed: their pages are charged to the container's memory. */
export const memory: Rule = ({ name, service, project }) => {
  const at = (rule: string, key: string, message: string, cure: string): Finding => ({
    rule,
    path: ['services', name, key],
    message,
    cure,
  });
  const sizes = (['mem_limit', 'shm_size'] as const).filter(
    (key) => service[key] !== undefined && parseSize(service[key]) === undefined,
  );
  if (sizes.length > 0)
    return sizes.map((key) =>
      at('size-word', key, `${key}: ${service[key]} is not a size`, `write ${key}: 1g`),
    );
  if (service.mem_limit === undefined) {
    const cure = 'add mem_limit: 1g (tmpfs pages and processes are counted against it)';
    return [at('memory-limit', 'mem_limit', 'there is no mem_limit', cure)];
  }
  const limit = parseSize(service.mem_limit) ?? 0;
  const tmpfs = sumOfTmpfs(name, service, project);
  const needed = formatSize(tmpfs + PROCESS_BYTES);
  const sum = `the tmpfs mounts and /dev/shm may hold ${formatSize(tmpfs)}, and mem_limit is ${service.mem_limit}`;
  const cure = `raise mem_limit to ${needed} or more, or make them smaller (shm_size is ${service.shm_size ?? SHM})`;
  return [
    ...(tmpfs + PROCESS_BYTES > limit ? [at('tmpfs-over-memory', 'mem_limit', sum, cure)] : []),
    ...maxMemory(service, limit - tmpfs, at),
  ];
};

function sumOfTmpfs(name: string, service: Service, project: Project): number {
  const bytes = (mount: Mount) => parseSize(tmpfsSize(mount, project) ?? '') ?? 0;
  const mounts = mountsOf(name, service).map(bytes);
  return mounts.reduce((total, one) => total + one, parseSize(service.shm_size ?? SHM) ?? 0);
}

/** Redis' own limit must be reached before the container's is. */
function maxMemory(
  { command }: Service,
  free: number,
  at: (rule: string, key: string, message: string, cure: string) => Finding,
): readonly Finding[] {
  const words = Array.isArray(command) ? command.join(' ') : (command ?? '');
  const given = /--maxmemory[ =]+['"]?(\w+)/.exec(words)?.[1];
  const bytes = parseSize(given ?? '');
  if (bytes === undefined || bytes <= free) return [];
  const message = `maxmemory ${given} is more than mem_limit leaves beside the tmpfs mounts (${formatSize(free)})`;
  return [at('maxmemory', 'command', message, 'lower --maxmemory, or raise mem_limit')];
}

/** A container that the kernel may not kill takes the others with it. */
export const outOfMemory: Rule = ({ name, service }) => {
  const at = (key: string, message: string): Finding => ({
    rule: 'out-of-memory',
    path: ['services', name, key],
    message,
    cure: `remove ${key}`,
  });
  return [
    ...(service.oom_kill_disable
      ? [at('oom_kill_disable', 'oom_kill_disable makes it hang where memory runs out')]
      : []),
    ...((service.oom_score_adj ?? 0) < 0
      ? [
          at(
            'oom_score_adj',
            'a negative oom_score_adj makes the kernel end other programs of the host first',
          ),
        ]
      : []),
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
