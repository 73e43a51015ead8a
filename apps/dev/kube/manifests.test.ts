import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type Manifest, readManifests } from './manifests.ts';

const root = join(import.meta.dirname, '../../..');
const files = globSync('deploy/kube/**/*.yaml', { cwd: root }).sort();
const ofFile = (file: string) => readManifests(readFileSync(join(root, file), 'utf8'));
const manifests = files.filter((file) => !/kube\/.*\//.test(file)).flatMap(ofFile);
const ofKind = <Kind extends Manifest['kind']>(kind: Kind) =>
  manifests.filter((one): one is Extract<Manifest, { kind: Kind }> => one.kind === kind);

const workloads = [...ofKind('StatefulSet'), ...ofKind('Deployment'), ...ofKind('Job')].map((one) => {
  const template = one.spec?.template;
  const [container] = template?.spec?.containers ?? [];
  if (template?.spec === undefined || container === undefined) throw new Error('a workload has no container');
  const templates = one.kind === 'StatefulSet' ? (one.spec?.volumeClaimTemplates ?? []) : [];
  const claims = templates.map(({ metadata }) => metadata?.name);
  return {
    name: one.metadata?.name ?? '',
    pod: template.spec,
    labels: template.metadata?.labels,
    container,
    claims,
  };
});
const workloadOf = (name: string) => workloads.filter((one) => one.name === name)[0] as (typeof workloads)[0];
const settings = Object.fromEntries(
  ofKind('ConfigMap').map(({ metadata, data }) => [metadata?.name, data ?? {}]),
);

/** compose/scale.yaml, with what it has where nothing is set. */
const compose = parse(
  readFileSync(join(root, 'compose/scale.yaml'), 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
  { merge: true },
).services;
/** Which service of compose each workload is. */
const COUNTERPARTS = {
  rag: 'rag-a',
  crawler: 'crawler-a',
  database: 'database',
  valkey: 'valkey-a',
  sentinel: 'sentinel-a',
  balancer: 'balancer',
  models: 'models',
};

describe('deploy/kube', () => {
  it('has no field that Kubernetes does not know, and none of another type', () => {
    mkdirSync(join(import.meta.dirname, '../.cache'), { recursive: true });
    const folder = mkdtempSync(join(import.meta.dirname, '../.cache/kube-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const check = (objects: readonly object[]) => {
      writeFileSync(join(folder, 'manifests.ts'), toLiterals(objects as readonly Manifest[]));
      const args = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--allowImportingTsExtensions',
        'manifests.ts',
      ];
      try {
        return execFileSync(join(root, 'node_modules/.bin/tsc'), args, { cwd: folder, encoding: 'utf8' });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };

    expect(check(files.filter((file) => !file.endsWith('kustomization.yaml')).flatMap(ofFile))).toBe('');
    const [service] = ofKind('Service');
    expect(check([{ ...service, spec: { selectr: {} } }])).toMatch(/"selectr"' does not exist/);
    expect(check([{ ...service, spec: { ports: [{ port: 'http' }] } }])).toMatch(
      /'string' is not assignable/,
    );
  });

  it.each(Object.entries(COUNTERPARTS))('gives %s what compose/scale.yaml gives %s', (name, service) => {
    const { pod, container, labels } = workloadOf(name);
    const of = compose[service];

    expect(container.image).toBe(of.image);
    expect(`${pod.securityContext?.runAsUser}:${pod.securityContext?.runAsGroup}`).toBe(of.user);
    expect(container.resources?.limits?.['memory']).toBe(binary(of.mem_limit));
    expect(networksOf(labels)).toEqual([...of.networks].sort());
    // Without what start.sh does: a pod has its Secrets before it starts.
    const words = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
    const own = of.command.join(' ').replace(/^.*start\.sh (-p \d+ )?/, '');
    expect(words).toContain(own.replace(/^(sh \/run\/xnai\/)?(database|valkey)\.sh( \w+-a)?/, '').trim());
    const ports = (container.ports ?? []).map(({ containerPort }) => String(containerPort));
    expect(ports).toEqual(expect.arrayContaining(of.expose ?? []));
  });

  it.each(['rag', 'crawler'])('gives %s the same settings, folders in memory and time to stop', (name) => {
    const { pod, container } = workloadOf(name);
    const of = compose[`${name}-a`];
    const maps = (container.envFrom ?? []).map(
      ({ configMapRef }) => settings[configMapRef?.name ?? ''] ?? {},
    );
    const {
      RAG_STORE_FILE: _,
      LOG_DIR,
      GGUF_QUANTIZATION,
      INFERENCE_THREADS,
      ...mine
    } = Object.assign({}, ...maps);
    const theirs = Object.entries(of.environment as Record<string, string>).filter(
      // The Secret names the database; keys of model servers belong into it as well; a pod's label names the replica.
      ([key]) => !/^(RAG_STORE.*|RAG_\w+_KEY|XNAI_REPLICA)$/.test(key),
    );

    expect(mine).toEqual(Object.fromEntries(theirs));
    expect(of.command).toContain(`LOG_DIR=${LOG_DIR}`);
    if (name === 'rag') {
      expect(of.command).toContain(`GGUF_QUANTIZATION=${GGUF_QUANTIZATION}`);
      expect(of.command).toContain(`INFERENCE_THREADS=${INFERENCE_THREADS}`);
    }
    expect(memoryOf({ pod, container })).toEqual([...memoryOfCompose(of)].sort());
    expect(`${pod.terminationGracePeriodSeconds}s`).toBe(of.stop_grace_period);
  });

  it.each(workloads.map((one) => [one.name, one] as const))('shields %s', (_, { pod, container }) => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      shareProcessNamespace: true,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const { emptyDir } of pod.volumes ?? [])
      if (emptyDir !== undefined)
        expect(emptyDir).toMatchObject({ medium: 'Memory', sizeLimit: expect.any(String) });
    expect(container.resources?.requests).toMatchObject({
      cpu: expect.any(String),
      memory: expect.any(String),
    });
  });

  it.each(workloads.filter(({ name }) => name !== 'models').map((one) => [one.name, one] as const))(
    'asks %s whether it lives as compose does, and whether it is ready',
    (name, { container }) => {
      const [, ...test] = compose[COUNTERPARTS[name as keyof typeof COUNTERPARTS]].healthcheck.test;
      expect(container.livenessProbe?.exec?.command).toEqual(test);
      expect(container.startupProbe?.exec?.command).toEqual(test);
      const isOurs = name === 'rag' || name === 'crawler';
      expect(container.readinessProbe).toMatchObject(
        isOurs ? { httpGet: { path: '/readyz', port: 'http' } } : { exec: { command: test } },
      );
    },
  );

  it.each(workloads.map((one) => [one.name, one] as const))(
    'refers in %s to nothing that is not there',
    (_, { pod, container, claims }) => {
      const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...claims];
      expect((container.volumeMounts ?? []).map(({ name }) => name).sort()).toEqual(volumes.sort());
      for (const { configMapRef } of container.envFrom ?? [])
        expect(settings).toHaveProperty(`${configMapRef?.name}`);
      const shared = ofKind('PersistentVolumeClaim').map(nameOf);
      for (const { persistentVolumeClaim: claim } of pod.volumes ?? [])
        if (claim !== undefined) expect(shared).toContain(claim.claimName);
    },
  );

  it('applies each of its files', () => {
    const { resources } = parse(readFileSync(join(root, 'deploy/kube/kustomization.yaml'), 'utf8'));
    const beside = files
      .filter((file) => !/kube\/.*\/|kustomization/.test(file))
      .map((file) => file.slice(12));
    expect([...resources].sort()).toEqual(beside);
    const services = ofKind('Service').map(nameOf);
    for (const { spec } of ofKind('StatefulSet')) expect(services).toContain(spec?.serviceName);
  });

  it('lets pods reach those of their networks alone, at the ports that are served there', () => {
    const policies = new Map(
      ofKind('NetworkPolicy').map((one) => [nameOf(one), (one as NetworkPolicy).spec]),
    );
    expect(policies.get('nothing-else')).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'xnai' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const { labels } of workloads) {
      expect(labels?.['app.kubernetes.io/part-of']).toBe('xnai');
      for (const network of networksOf(labels)) expect([...policies.keys()]).toContain(network);
    }
    for (const network of ['front', 'database', 'valkey']) {
      const served = Object.values(compose as Record<string, { networks: string[]; expose?: string[] }>)
        .filter(({ networks }) => networks.includes(network))
        .flatMap(({ expose = [] }) => expose.map(Number));
      const own = served.filter((port) => network !== 'valkey' || ![8080, 8081].includes(port));
      const ofNetwork = network === 'database' ? own.filter((port) => port === 5432) : own;
      const ports = (policies.get(network)?.egress?.[0]?.ports ?? []).map(({ port }) => port);
      expect(ports).toEqual([...new Set(ofNetwork)].sort((a, b) => a - b));
      expect(policies.get(network)?.ingress?.[0]?.ports).toEqual(policies.get(network)?.egress?.[0]?.ports);
    }
  });
});

const nameOf = (one: object) => (one as { metadata?: { name?: string } }).metadata?.name ?? '';

function networksOf(labels: Readonly<Record<string, string>> = {}): readonly string[] {
  const names = Object.keys(labels).flatMap((key) => /^network\.xnai\/(.*)$/.exec(key)?.[1] ?? []);
  // Compose publishes ports of the host in its place.
  return names.filter((name) => name !== 'door').sort();
}

function memoryOf({ pod, container }: Pick<(typeof workloads)[0], 'pod' | 'container'>): readonly string[] {
  return (container.volumeMounts ?? [])
    .flatMap(({ name, mountPath }) => {
      const size = pod.volumes?.find((volume) => volume.name === name)?.emptyDir?.sizeLimit;
      return size === undefined ? [] : `${mountPath} ${size}`;
    })
    .sort();
}

/** Without /run, which is there so that Podman makes no larger one. */
function memoryOfCompose({
  tmpfs,
  shm_size,
}: {
  tmpfs: readonly string[];
  shm_size: string;
}): readonly string[] {
  const mounts = tmpfs.map((one) => /^([^:]+):size=(\w+)/.exec(one) ?? []);
  return [
    ...mounts.filter(([, path]) => path !== '/run').map(([, path, size]) => `${path} ${binary(size)}`),
    `/dev/shm ${binary(shm_size)}`,
  ];
}

/** 64m of compose as Kubernetes writes it. */
function binary(size = ''): string {
  return `${size.slice(0, -1)}${size.slice(-1).toUpperCase()}i`;
}

/** The objects as literals of their types, of which the compiler refuses what it does not know. */
function toLiterals(objects: readonly Manifest[]): string {
  const groups = new Map<string, Set<string>>();
  const lines = objects.map((one, n) => {
    const { apiVersion = '', kind } = one as { apiVersion?: string; kind: string };
    const group = apiVersion === 'v1' ? 'core/v1' : apiVersion.replace('.k8s.io', '');
    groups.set(group, (groups.get(group) ?? new Set()).add(kind));
    return `export const _${n}: ${kind} = ${JSON.stringify(one)};`;
  });
  const imports = [...groups].map(
    ([group, kinds]) => `import type { ${[...kinds].join(', ')} } from 'kubernetes-types/${group}.d.ts';`,
  );
  return [...imports, ...lines].join('\n');
}
