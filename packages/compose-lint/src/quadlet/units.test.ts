import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Hosts } from './hosts.ts';
import { toUnits } from './units.ts';

const compose = new URL('../../../../compose/', import.meta.url).pathname;
const stack = (settings = {}, ...overlays: readonly string[]) =>
  toUnits(
    ['compose.yaml', ...overlays].map((name) => compose + name),
    settings,
  );
const linesOf = (unit = '') => unit.split('\n');

it('makes a unit of each service, volume and network', () => {
  const names = Object.keys(stack());

  expect(names.filter((name) => name.endsWith('.container')).sort()).toEqual(
    ['crawler', 'models', 'rag', 'redis', 'secrets'].map((name) => `xnai-${name}.container`),
  );
  expect(names).toEqual(expect.arrayContaining(['xnai-models.volume', 'xnai-internal.network']));
});

it('makes no unit of a service that compose starts on demand alone', () => {
  const names = Object.keys(stack({}, 'backup.yaml'));

  expect(names).toContain('xnai-backup.container');
  expect(names).not.toContain('xnai-restore.container');
});

it('keeps the walls, mounts and limits of the compose file', () => {
  const lines = linesOf(stack()['xnai-crawler.container']);

  for (const line of [
    'User=1001',
    'UserNS=keep-id:uid=1001,gid=1001',
    'ReadOnly=true',
    'DropCapability=all',
    'NoNewPrivileges=true',
    'Volume=xnai-secrets-crawler.volume:/run/xnai:ro',
    'Tmpfs=/tmp:size=256m,mode=1777',
    'Network=xnai-internal.network',
    'Network=xnai-egress.network',
    'PublishPort=127.0.0.1:8081:8081',
    'PodmanArgs=--memory=4g',
    'PidsLimit=512',
    'HealthCmd=node /app/containers/health.ts 8081',
    'HealthOnFailure=kill',
    'Notify=healthy',
    'RestartMaxDelaySec=60',
  ])
    expect(lines).toContain(line);
  expect(linesOf(stack()['xnai-starts-rag.volume'])).toContain('Options=size=64k,mode=1777');
  expect(linesOf(stack()['xnai-internal.network'])).toContain('Internal=true');
  expect(linesOf(stack()['xnai-egress.network'])).not.toContain('Internal=true');
});

it('leaves the pauses between starts to systemd, whose units are the only ones that name it', () => {
  const containers = Object.entries(stack()).filter(([name]) => name.endsWith('.container'));

  expect(containers).toHaveLength(5);
  for (const [, unit] of containers)
    expect(linesOf(unit)).toEqual(
      expect.arrayContaining(['RestartSteps=8', 'Environment=RESTART_BACKOFF=systemd']),
    );
  expect(readFileSync(`${compose}compose.yaml`, 'utf8')).not.toContain('RESTART_BACKOFF');
});

it('takes the settings of .env, and overlays', () => {
  const rag = linesOf(stack({ RAG_PUBLISH: '9000', RAG_MEM_LIMIT: '' })['xnai-rag.container']);
  expect(rag).toEqual(expect.arrayContaining(['PublishPort=127.0.0.1:9000:8080', 'PodmanArgs=--memory=4g']));

  expect(linesOf(stack({}, 'durable.yaml')['xnai-rag.container'])).toContain(
    'Volume=xnai-rag-index.volume:/var/lib/xnai',
  );
  const gpu = stack({}, 'gpu.yaml');
  expect(linesOf(gpu['xnai-rag.container'])).toEqual(
    expect.arrayContaining([
      'Volume=xnai-shaders.volume:/var/lib/xnai-shaders',
      'Environment=MESA_SHADER_CACHE_DIR=/var/lib/xnai-shaders',
      'AddDevice=/dev/dri:/dev/dri',
    ]),
  );
  expect(Object.keys(gpu)).toContain('xnai-shaders.volume');
  expect(linesOf(stack({}, 'sandbox.yaml')['xnai-crawler.container']).join()).toMatch(
    /SeccompProfile=\/\S*chromium-seccomp/,
  );
});

it('starts what watches the stack with the words of the compose file', () => {
  const units = stack({}, 'monitoring.yaml');

  const alertmanager = linesOf(units['xnai-alertmanager.container']);
  expect(alertmanager).toEqual(
    expect.arrayContaining(['Entrypoint=sh', 'Network=xnai-alerts.network', 'AutoUpdate=registry']),
  );
  expect(alertmanager.join('\n')).toMatch(
    /^Exec=-c "while ! test -e .*exec sh \/run\/xnai\/start.sh alertmanager .*"$/m,
  );
  expect(linesOf(units['xnai-monitoring.network'])).toContain('Internal=true');
  expect(linesOf(units['xnai-secrets.container'])).toContain(
    'Volume=xnai-secrets-grafana.volume:/run/secrets-of/grafana',
  );
  for (const name of ['prometheus', 'alertmanager', 'grafana', 'redis-exporter', 'node-exporter'])
    expect(linesOf(units[`xnai-${name}.container`])).toEqual(
      expect.arrayContaining(['RestartSteps=8', 'Environment=RESTART_BACKOFF=systemd']),
    );
});

it('leads traces to their collector over a network without a way out, which nothing else is on', () => {
  const units = stack({}, 'traces.yaml');

  const onIt = Object.keys(units).filter((name) =>
    linesOf(units[name]).includes('Network=xnai-traces.network'),
  );
  expect(onIt.sort()).toEqual(['crawler', 'jaeger', 'rag'].map((name) => `xnai-${name}.container`));
  expect(linesOf(units['xnai-traces.network'])).toContain('Internal=true');
  const networks = (name: string) =>
    linesOf(units[`xnai-${name}.container`]).filter((line) => line.startsWith('Network='));
  expect(networks('rag')).toEqual(['Network=xnai-internal.network', 'Network=xnai-traces.network']);
  expect(networks('jaeger')).toEqual(['Network=xnai-traces.network']);
});

it('puts rag on a network with model servers that has no way out', () => {
  const units = stack({ GENERATE_URL: 'http://llama:8080' }, 'remote-models.yaml');
  const lines = linesOf(units['xnai-rag.container']);
  expect(lines.filter((line) => line.startsWith('Network='))).toEqual([
    'Network=xnai-internal.network',
    'Network=xnai-model-servers.network',
  ]);
  expect(lines).toContain('Environment=RAG_GENERATE_URL=http://llama:8080');
  expect(linesOf(units['xnai-model-servers.network'])).toEqual(
    expect.arrayContaining(['NetworkName=xnai_model-servers', 'Internal=true']),
  );
});

it("quotes words, and systemd's own letters", () => {
  const redis = stack()['xnai-redis.container'] ?? '';
  expect(redis).toMatch(/^Exec=sh -c "while ! test -e .*redis\.conf"$/m);
  expect(stack({ ALLOWED_ORIGINS: 'http://a/%20 b$c' })['xnai-crawler.container']).toContain(
    'Environment="CRAWL_ALLOWED_ORIGINS=http://a/%%20 b$$c"',
  );
});

describe('of several hosts', () => {
  const app = (name: string) => [`rag-${name}`, `crawler-${name}`];
  const watch = (name: string) => [`valkey-${name}`, `sentinel-${name}`];
  const hosts = {
    one: { address: '10.0.0.1', services: ['secrets', 'database', ...watch('a')] },
    two: { address: '10.0.0.2', services: ['secrets', 'models', 'balancer', ...app('a'), ...watch('b')] },
    three: { address: '10.0.0.3', services: ['secrets', 'models', ...app('b'), ...watch('c')] },
  };
  const unitsOf = (host: string, given: Hosts = hosts) =>
    toUnits([`${compose}scale.yaml`], {}, { hosts: given, host });

  it('each has the units of its own services, volumes and networks', () => {
    const names = Object.keys(unitsOf('one'));

    expect(names.filter((name) => name.endsWith('.container')).sort()).toEqual(
      ['database', 'secrets', 'sentinel-a', 'valkey-a'].map((name) => `xnai-scale-${name}.container`),
    );
    expect(names).toContain('xnai-scale-database-data.volume');
    expect(names).not.toContain('xnai-scale-valkey-b-data.volume');
    expect(names).not.toContain('xnai-scale-egress.network');
  });

  it('a service that others reach is published on the address of its host, and found by its name', () => {
    expect(linesOf(unitsOf('one')['xnai-scale-database.container'])).toEqual(
      expect.arrayContaining(['PublishPort=10.0.0.1:5432:5432', 'StopSignal=SIGINT']),
    );
    const rag = linesOf(unitsOf('three')['xnai-scale-rag-b.container']);
    expect(rag).toEqual(
      expect.arrayContaining([
        'AddHost=database:10.0.0.1',
        'AddHost=sentinel-a:10.0.0.1',
        'AddHost=balancer:10.0.0.2',
        'PublishPort=10.0.0.3:8080:8080',
      ]),
    );
    // It is on the same host.
    expect(rag.join()).not.toContain('AddHost=valkey-c');
    expect(linesOf(unitsOf('two')['xnai-scale-balancer.container'])).toEqual(
      expect.arrayContaining(['Environment=RAG_A=rag-a', 'Environment=RAG_B=10.0.0.3']),
    );
  });

  it('a network that is spread over hosts has a way to them, and another one stays internal', () => {
    const all = {
      address: '10.0.0.1',
      services: [...new Set(Object.values(hosts).flatMap((one) => one.services))],
    };
    const internal = (units: ReturnType<typeof stack>) =>
      linesOf(units['xnai-scale-valkey.network']).includes('Internal=true');

    expect(internal(unitsOf('two'))).toBe(false);
    expect(internal(unitsOf('all', { all }))).toBe(true);
  });

  it('that do not fit the services are refused, and each fault is named', () => {
    const bad = {
      one: { address: '10.0.0.1', services: ['secrets', 'database', 'databse'] },
      two: { address: '10.0.0.2', services: ['secrets', 'database'] },
    };

    expect(() => unitsOf('one', bad)).toThrow(
      /databse is no service.*balancer is on no host.*database is on several hosts/s,
    );
    expect(() => unitsOf('four')).toThrow('there is no host four: expected one of one, two, three');
    expect(Hosts.safeParse({ one: { address: 'db.lan', services: ['database'] } }).success).toBe(false);
  });
});
