import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { identifyProcess } from '@xnai/service/process';
import { findFreePorts, startRedis } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandAudit } from '../audit/index.ts';
import { type Answer, CHECKOUT, makeMachine, type TestMachine } from '../testing/machine-of.ts';
import { examine } from './doctor.ts';
import type { Finding } from './finding.ts';

let machine: TestMachine;
beforeEach(async () => {
  machine = makeMachine();
  damaged = [];
  makeHealthy(machine, await findFreePorts(2));
});
afterEach(() => machine[Symbol.dispose]());

const INFO = {
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

const podman = (info: unknown, more: Readonly<Record<string, Answer>> = {}) => ({
  info: { out: JSON.stringify(info) },
  'compose version': {
    out: 'podman-compose version 1.6.0\n',
    err: '>>>> Executing external compose provider',
  },
  ...more,
  ps: { out: '' },
});

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

/** Models are verified in @xnai/inference. */
let damaged: readonly string[];
const look = () =>
  examine(machine.host, {
    root: CHECKOUT,
    verifyModels: async () => damaged.map((name) => ({ name, isIntact: false })),
  });
/** The disk is the one of this host: it may be nearly full. */
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level, subject }) => level !== 'ok' && subject !== 'disk');

/** A container of the stack as `podman container inspect` shows it. */
function container(service: string, state: object, more: object = {}) {
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

const withContainer = (one: object, more: Readonly<Record<string, Answer>> = {}) => ({
  ...podman(INFO),
  ps: { out: 'id\n' },
  'container inspect': { out: JSON.stringify([one]) },
  'image inspect': { out: 'sha256:new\n' },
  ...more,
  exec: { code: 1 },
});

const changed = (change: (info: Info) => void) => {
  const info = structuredClone(INFO);
  change(info);
  return podman(info);
};

/** In seconds. */
const now = () => Math.round(Date.now() / 1000);
const unit = (restarts: string, state: string, result: string) =>
  `Id=xnai-rag.service\nNRestarts=${restarts}\nActiveState=${state}\nResult=${result}\n`;

type Broken = readonly [
  what: string,
  level: Finding['level'],
  cause: RegExp,
  command: string,
  break_: (machine: TestMachine) => unknown,
];

const BROKEN: readonly Broken[] = [
  [
    'no Podman',
    'warning',
    /not installed: only `npm start`/,
    'sudo apt install podman',
    ({ program }) => program('podman', undefined),
  ],
  [
    'a Podman that does not start',
    'error',
    /does not work: cannot find newuidmap/,
    'usermod --add-subuids',
    ({ program }) =>
      program('podman', { info: { err: 'Error: cannot find newuidmap: exec: not found', code: 125 } }),
  ],
  [
    'Podman without a session',
    'error',
    /XDG_RUNTIME_DIR/,
    'ssh me@localhost',
    ({ program }) =>
      program('podman', {
        info: { err: 'Error: lstat /run/user/1000: no such file; XDG_RUNTIME_DIR is not set', code: 1 },
      }),
  ],
  [
    'Podman of root',
    'error',
    /runs as root/,
    'su - YOU',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.security.rootless = false;
        }),
      ),
  ],
  [
    'an old Podman',
    'warning',
    /4\.3\.1 is older/,
    'sudo apt upgrade podman',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.version.Version = '4.3.1';
        }),
      ),
  ],
  [
    'no compose provider',
    'error',
    /no provider: none is installed/,
    'sudo apt install podman-compose',
    ({ program }) =>
      program(
        'podman',
        podman(INFO, { 'compose version': { err: 'Error: looking up compose provider failed', code: 125 } }),
      ),
  ],
  [
    'an old podman-compose',
    'error',
    /podman-compose 1\.0 is too old/,
    'sudo apt upgrade',
    ({ program }) =>
      program('podman', podman(INFO, { 'compose version': { out: 'podman-compose version 1.0.6' } })),
  ],
  [
    'docker-compose without a socket',
    'error',
    /Podman's socket/,
    'systemctl --user enable --now podman.socket',
    ({ program }) =>
      program('podman', podman(INFO, { 'compose version': { out: 'Docker Compose version v2.26.1' } })),
  ],
  [
    'no subordinate ids',
    'error',
    /me has too few ids .* 0 in \/etc\/subuid/,
    'usermod --add-subuids 231072-296607 --add-subgids 231072-296607 me',
    ({ file }) => file('/etc/subuid', 'other:100000:65536\n'),
  ],
  [
    'too few subordinate ids',
    'error',
    /1000 in \/etc\/subgid/,
    'usermod',
    ({ file }) => file('/etc/subgid', 'me:165536:1000\n'),
  ],
  [
    'no user namespaces',
    'error',
    /max_user_namespaces is 0/,
    'sudo sysctl user.max_user_namespaces',
    ({ file }) => file('/proc/sys/user/max_user_namespaces', '0\n'),
  ],
  [
    'cgroup v1',
    'error',
    /cgroup v1/,
    'unified_cgroup_hierarchy',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.cgroupVersion = 'v1';
        }),
      ),
  ],
  [
    'memory that is not delegated',
    'error',
    /^memory of cgroup v2 is not delegated/,
    'Delegate=memory pids cpu',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.cgroupControllers = ['pids'];
        }),
      ),
  ],
  [
    'no systemd',
    'warning',
    /nothing runs health checks/,
    'podman healthcheck run',
    ({ remove }) => remove('/run/systemd'),
  ],
  [
    'no linger',
    'advice',
    /end at the last logout/,
    'loginctl enable-linger me',
    ({ remove }) => remove('/var/lib/systemd/linger'),
  ],
  [
    'no names between containers',
    'error',
    /aardvark-dns is missing/,
    'sudo apt install aardvark-dns',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.networkBackendInfo.dns.path = '';
        }),
      ),
  ],
  [
    'SELinux before the GPU',
    'error',
    /SELinux keeps the GPU/,
    'setsebool -P container_use_dri_devices',
    ({ file, set, program }) => {
      file('/sys/fs/selinux/enforce', '1');
      file('/dev/dri/renderD128', '');
      file('/usr/share/vulkan/icd.d/radeon.json', '');
      set('COMPOSE_FILE', 'compose.yaml:compose/gpu.yaml');
      program('getsebool', { '': { out: 'container_use_dri_devices --> off' } });
    },
  ],
  [
    'gpu.yaml without a GPU',
    'error',
    /there is no \/dev\/dri/,
    'unset COMPOSE_FILE',
    ({ set }) => set('COMPOSE_FILE', 'compose.yaml:compose/gpu.yaml'),
  ],
  [
    'a GPU without a driver',
    'warning',
    /no Vulkan driver/,
    'mesa-vulkan-drivers',
    ({ file }) => file('/dev/dri/renderD128', ''),
  ],
  [
    'little memory',
    'error',
    /has 1\.0 GB of memory/,
    'RAG_MEM_LIMIT=1500m',
    ({ file }) => file('/proc/meminfo', 'MemTotal: 1000000 kB\nMemAvailable: 900000 kB\n'),
  ],
  [
    'limits beyond the memory',
    'warning',
    /may take 10\.\d GB together, and this machine has 4\.1 GB/,
    'CRAWL_MEM_LIMIT',
    ({ file }) => file('/proc/meminfo', 'MemTotal: 4000000 kB\nMemAvailable: 3900000 kB\n'),
  ],
  [
    'a compose file that is none',
    'error',
    /compose\.yaml: /,
    'npm run lint:compose',
    ({ checkout }) => writeFileSync(join(checkout, 'compose.yaml'), 'services: [\n'),
  ],
  [
    'swap on a disk',
    'advice',
    /can be swapped to \/dev\/sda2/,
    'sudo swapoff',
    ({ file }) => file('/proc/swaps', 'Filename Type Size Used Priority\n/dev/sda2 partition 8388604 0 -2\n'),
  ],
  [
    'a clock that stands before the checkout',
    'error',
    /before this checkout was made/,
    'timedatectl set-ntp true',
    ({ checkout }) => utimesSync(join(checkout, 'package.json'), 4e9, 4e9),
  ],
  [
    'a clock that nobody sets',
    'warning',
    /not synchronised/,
    'set-ntp true',
    ({ program }) => program('timedatectl', { show: { out: 'no\n' } }),
  ],
  [
    'keys that all may read',
    'error',
    /other users may read .*keys\.json/,
    'chmod 600',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data'), { mode: 0o700 });
      writeFileSync(join(checkout, 'data/keys.json'), '{"version":1,"keys":[]}', { mode: 0o644 });
    },
  ],
  [
    'a key file that is cut off',
    'error',
    /keys\.json/,
    'keys.json.broken',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data'), { mode: 0o700 });
      writeFileSync(join(checkout, 'data/keys.json'), '{"version":1,"ke', { mode: 0o600 });
    },
  ],
  [
    'secrets in a volume that all may read',
    'error',
    /may read .*redis-url/,
    'chmod 600',
    ({ file }) => chmodSync(file('/home/me/volumes/xnai_secrets-rag/_data/redis-url', 'redis://'), 0o644),
  ],
  [
    'a password in a .env that all may read',
    'warning',
    /REDIS_PASSWORD in \.env/,
    'chmod 600',
    ({ checkout }) => writeFileSync(join(checkout, '.env'), 'REDIS_PASSWORD=x\n', { mode: 0o644 }),
  ],
  [
    'a data folder that all may look into',
    'warning',
    /may look into/,
    'chmod 700',
    ({ checkout }) => mkdirSync(join(checkout, 'data'), { mode: 0o755 }),
  ],
  [
    'a model that was cut off',
    'error',
    /small\.gguf is damaged/,
    'models -- rm acme/small.gguf',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data/models'), { recursive: true, mode: 0o700 });
      damaged = ['acme/small.gguf'];
    },
  ],
  [
    'an index whose pages are damaged',
    'error',
    /rag\.sqlite is damaged|cannot be read/,
    'with the stack stopped',
    ({ checkout }) => {
      const file = makeIndex(checkout);
      const bytes = Buffer.alloc(4096, 0xff);
      writeFileSync(file, bytes, { flag: 'r+', flush: true });
    },
  ],
  [
    'an index that was not closed',
    'advice',
    /was not closed/,
    'npm start',
    ({ checkout }) => writeFileSync(`${makeIndex(checkout)}-wal`, 'x'),
  ],
  [
    'no Redis for npm start',
    'warning',
    /crawls nothing/,
    'apt install redis-server',
    ({ program }) => {
      program('podman', undefined);
      program('redis-server', undefined);
    },
  ],
  [
    'an old Redis',
    'warning',
    /redis-server 7 or newer/,
    'apt install redis-server',
    ({ program }) => {
      program('podman', undefined);
      program('redis-server', { '--version': { out: 'Redis server v=6.0.16 sha=0' } });
    },
  ],
  [
    'a Redis that cannot be reached',
    'error',
    /cannot be reached/,
    'redis-cli -u',
    ({ set }) => set('REDIS_URL', 'redis://127.0.0.1:1'),
  ],
  [
    'a container that ran out of memory',
    'error',
    /memory limit was reached/,
    'raise its limit',
    ({ program }) =>
      program(
        'podman',
        withContainer(container('rag', { Status: 'exited', ExitCode: 137, OOMKilled: true })),
      ),
  ],
  [
    'a container that was killed',
    'error',
    /killed and not started again/,
    'podman logs --tail 50 xnai_rag_1',
    ({ program }) => program('podman', withContainer(container('rag', { Status: 'exited', ExitCode: 137 }))),
  ],
  [
    'an unhealthy container',
    'error',
    /health check fails/,
    'podman healthcheck run xnai_rag_1',
    ({ program }) => program('podman', withContainer(container('rag', { Health: { Status: 'unhealthy' } }))),
  ],
  [
    'a crash loop',
    'error',
    /ended 5 times in a row .* it last said: RAG_PORT="x": expected a port/,
    'podman logs',
    ({ program }) =>
      program(
        'podman',
        withContainer(container('crawler', {}), {
          'exec xnai_crawler_1 cat /run/starts/count': { out: `6 ${now()}\n` },
          logs: {
            err: 'The configuration has a problem:\nRAG_PORT="x": expected a port\nstart: the command ended 5 times in a row\n',
          },
        }),
      ),
  ],
  [
    'a unit that systemd starts again and again',
    'error',
    /started it 7 times again, and it is activating \(exit-code\)/,
    'journalctl --user --unit xnai-rag.service',
    ({ program }) =>
      program('systemctl', { '--user show xnai-*.service': { out: unit('7', 'activating', 'exit-code') } }),
  ],
  [
    'a container of an older image',
    'warning',
    /newer than the containers that run it: crawler/,
    'up -d --force-recreate',
    ({ program }) => program('podman', withContainer(container('crawler', {}, { Image: 'sha256:old' }))),
  ],
  [
    'a stack of which nothing answers',
    'error',
    /nothing answers on 127\.0\.0\.1:/,
    'podman compose logs --tail 50 rag',
    ({ program }) => program('podman', withContainer(container('crawler', {}))),
  ],
];

describe('doctor', () => {
  it('finds what a killed start has left', async () => {
    machine.file('/dev/shm/xnai-start-999999999-1-abc/children', '');
    expect(bad(await look())).toMatchObject([
      { level: 'advice', subject: 'runs', command: 'npm run reclaim' },
    ]);
  });

  it('says that the stack that runs uses another data folder', async () => {
    const ofData = async () => (await look()).filter(({ subject }) => subject === 'data');
    const starter = identifyProcess(process.pid);
    machine.file(`/dev/shm/xnai-start-${starter?.pid}-${starter?.startTicks}-abc/data-folder`, '/srv/other');
    expect(await ofData()).toMatchObject([
      { level: 'warning', command: "XNAI_DATA_DIR='/srv/other' npm run doctor" },
    ]);
    const redis = (await look()).filter(({ subject }) => subject === 'redis');
    expect(redis).toEqual([]);
    machine.set('XNAI_DATA_DIR', '/srv/other');
    expect(await ofData()).toEqual([]);
  });

  it('finds an audit that was changed', async () => {
    const data = join(machine.checkout, 'data');
    const audit = commandAudit({ folder: join(data, 'audit'), keyFile: join(data, 'audit-key') });
    await audit.record({ what: 'key.create' });
    expect(bad(await look()).filter(({ subject }) => subject === 'audit')).toEqual([]);
    writeFileSync(join(data, 'audit/commands/000000000001.jsonl'), '');
    expect(bad(await look())).toContainEqual(
      expect.objectContaining({
        level: 'error',
        subject: 'audit',
        command: expect.stringContaining('npm run audit -- verify'),
      }),
    );
  });

  it('has nothing to say against a machine that is well', async () => {
    const findings = await look();
    expect(bad(findings)).toEqual([]);
    expect(findings.length).toBeGreaterThan(12);
  });

  it.each(BROKEN)('finds %s', async (_what, level, cause, command, break_) => {
    break_(machine);
    const before = readdirSync(machine.checkout, { recursive: true });
    const found = bad(await look()).filter((finding) => cause.test(finding.cause));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ level, command: expect.stringContaining(command) });
    expect(readdirSync(machine.checkout, { recursive: true })).toEqual(before);
  });

  it('takes a service for well that has run for longer than a row of crashes', async () => {
    const started = { 'exec xnai_rag_1 cat /run/starts/count': { out: `6 ${now() - 600}\n` } };
    machine.program('podman', withContainer(container('rag', {}), started));
    machine.program('systemctl', { '--user': { out: unit('7', 'active', 'success') } });
    const errors = (await look()).filter(({ level }) => level === 'error');
    expect(errors.filter(({ subject }) => /^(container|unit) /.test(subject))).toEqual([]);
  });

  it('tells a service of the stack from another program on its port', async () => {
    const answers = {
      '/readyz': {
        status: 'degraded',
        checks: { model: { status: 'down', detail: 'no hub' } },
        degraded: ['model'],
        advice: [],
      },
    };
    using own = await serve(answers);
    using foreign = await serve({});
    machine.set('RAG_PUBLISH', String(own.port));
    machine.set('CRAWL_PUBLISH', String(foreign.port));
    const findings = bad(await look());
    expect(findings).toEqual([
      expect.objectContaining({
        level: 'error',
        subject: 'crawler',
        cause: expect.stringContaining('another program'),
      }),
      expect.objectContaining({ level: 'warning', subject: 'rag', cause: 'degraded: model: no hub' }),
    ]);
  });

  it('finds a Redis that evicts, and one without a limit', async () => {
    await using redis = await startRedis({ args: ['--maxmemory', '0', '--maxmemory-policy', 'allkeys-lru'] });
    machine.set('REDIS_URL', redis.url);
    const causes = bad(await look()).map(({ cause }) => cause);
    expect(causes).toEqual([expect.stringContaining('no maxmemory'), expect.stringContaining('allkeys-lru')]);
    await redis.client.config('SET', 'maxmemory', '64mb', 'maxmemory-policy', 'noeviction');
    expect(bad(await look())).toEqual([]);
  });

  it('looks in a container at what can be seen there, and asks no Podman', async () => {
    machine.file('/run/.containerenv', '');
    machine.file('/proc/self/mounts', '');
    machine.program('podman', { '': { code: 1, err: 'asked' } });
    const subjects = (await look()).map(({ subject }) => subject);
    expect(subjects).toContain('tmpfs');
    expect(subjects).not.toContain('podman');
  });
});

function makeIndex(checkout: string): string {
  const folder = join(checkout, 'data/index');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(join(checkout, 'data'), 0o700);
  using db = new DatabaseSync(join(folder, 'rag.sqlite'));
  db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000))');
  return join(folder, 'rag.sqlite');
}

async function serve(answers: Readonly<Record<string, unknown>>) {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(url in answers ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[url] ?? { hello: 'there' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}
