import { type Answer, CHECKOUT, makeMachine, type TestMachine } from '../../testing/machine-of.ts';
import { examine } from '../doctor.ts';
import type { Finding } from '../finding.ts';

export interface HealthyMachine extends TestMachine {
  /** Names of the models that are not intact; models are verified in @xnai/inference. */
  readonly damaged: string[];
  readonly look: () => Promise<readonly Finding[]>;
}

/**
 * A machine with nothing to be said against it.
 *
 * @param ports two free ones
 */
export function makeHealthyMachine(ports: readonly number[]): HealthyMachine {
  const machine = makeMachine();
  makeHealthy(machine, ports);
  const damaged: string[] = [];
  const verifyModels = async () => damaged.map((name) => ({ name, isIntact: false }));
  return { ...machine, damaged, look: () => examine(machine.host, { root: CHECKOUT, verifyModels }) };
}

function makeHealthy({ file, program, set }: TestMachine, [rag, crawler]: readonly number[]): void {
  for (const name of ['subuid', 'subgid']) file(`/etc/${name}`, 'other:100000:65536\nme:165536:65536\n');
  file('/proc/meminfo', 'MemTotal:       33554432 kB\nMemAvailable:   30000000 kB\n');
  file('/proc/swaps', 'Filename Type Size Used Priority\n/dev/zram0 partition 8388604 0 100\n');
  file('/proc/sys/user/max_user_namespaces', '28633\n');
  file('/run/systemd/system/.keep', '');
  file('/var/lib/systemd/linger/me', '');
  program('podman', podman(INFO));
  program('timedatectl', { show: { out: 'yes\n' } });
  program('redis-server', { '--version': { out: 'Redis server v=7.2.5 sha=0' } });
  set('RAG_PUBLISH', String(rag));
  set('CRAWL_PUBLISH', String(crawler));
}

export const INFO = {
  host: {
    cgroupVersion: 'v2',
    cgroupControllers: ['cpu', 'memory', 'pids'],
    networkBackend: 'netavark',
    networkBackendInfo: { dns: { path: '/usr/lib/podman/aardvark-dns' } },
    security: { rootless: true },
  },
  store: { graphRoot: '/home/me/storage', volumePath: '/home/me/volumes' },
  version: { Version: '5.4.2' },
};
type Info = typeof INFO;

export const podman = (info: unknown, more: Readonly<Record<string, Answer>> = {}) => ({
  info: { out: JSON.stringify(info) },
  'compose version': {
    out: 'podman-compose version 1.6.0\n',
    err: '>>>> Executing external compose provider',
  },
  ...more,
  ps: { out: '' },
});

/** A container of the stack as `podman container inspect` shows it. */
export function container(service: string, state: object, more: object = {}) {
  return {
    Id: service,
    Name: `xnai_${service}_1`,
    Image: 'sha256:new',
    ImageName: 'localhost/xnai-rag:latest',
    RestartCount: 0,
    State: { Status: 'running', ExitCode: 0, OOMKilled: false, ...state },
    Config: {
      Labels: { 'com.docker.compose.project': 'xnai', 'com.docker.compose.service': service },
    },
    HostConfig: { Memory: 1 },
    Mounts: [],
    ...more,
  };
}

export const withContainer = (one: object, more: Readonly<Record<string, Answer>> = {}) => ({
  ...podman(INFO),
  ps: { out: 'id\n' },
  'container inspect': { out: JSON.stringify([one]) },
  'image inspect': { out: 'sha256:new\n' },
  ...more,
  exec: { code: 1 },
});

export const changed = (change: (info: Info) => void) => {
  const info = structuredClone(INFO);
  change(info);
  return podman(info);
};
