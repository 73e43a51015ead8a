import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts';
import type { ConfigMap, Container, PodSpec, PodTemplateSpec, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Manifest } from './manifests.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Manifests as Podman takes them, which knows no StatefulSet and no Service, and of a Deployment one pod alone: each pod is
 * one of its own, by the name that the cluster would give it. Its host name is that of the Service that it answers to, by
 * which Podman's name server finds it; two pods of one name are found in turns. Folders in memory, for which Podman knows neither
 * a size nor an owner, become volumes in memory. What shields and steers pods on a cluster
 * (network policies, disruption budgets) has no counterpart, and is left out.
 *
 * @param settings take the place of those of the ConfigMaps
 * @throws {Error} when no ConfigMap has such a setting
 */
export function toPods(manifests: readonly Manifest[], settings: Labels = {}): readonly Manifest[] {
  const services = manifests.filter((one) => one.kind === 'Service');
  const maps = manifests.filter((one) => one.kind === 'ConfigMap');
  checkSettings(maps, settings);
  return manifests.flatMap((one): readonly Manifest[] => {
    switch (one.kind) {
      case 'ConfigMap':
        return [{ ...one, data: { ...one.data, ...ofThese(settings, one.data) } }];
      case 'PersistentVolumeClaim':
      case 'Pod':
      case 'Secret':
        return [one];
      case 'StatefulSet':
      case 'Deployment':
      case 'Job':
        return podsOf(one, services);
      case 'Service':
      case 'Ingress':
      case 'Kustomization':
      case 'Namespace':
      case 'NetworkPolicy':
      case 'PodDisruptionBudget':
        return [];
      default:
        throw new Error(`expected no ${(one satisfies never as Manifest).kind}`);
    }
  });
}

function checkSettings(maps: readonly ConfigMap[], settings: Labels): void {
  const known = maps.flatMap(({ data = {} }) => Object.keys(data));
  const unknown = Object.keys(settings).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`no ConfigMap has ${unknown.join(', ')}: expected one of ${known.sort().join(', ')}`);
}

function ofThese(settings: Labels, data: ConfigMap['data'] = {}): Labels {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in data));
}

type Workload = Extract<Manifest, { readonly kind: 'StatefulSet' | 'Deployment' | 'Job' }>;

function podsOf(workload: Workload, services: readonly Service[]): readonly Manifest[] {
  const { metadata, spec } = workload;
  if (metadata?.name === undefined || spec?.template === undefined)
    throw new Error(`a ${workload.kind} has no name or no pods`);
  const { name } = metadata;
  const podOf = (podName: string, template: PodTemplateSpec, more: Labels = {}) =>
    inMemory(toPod(podName, { workload: name, template, more, services }));
  if (workload.kind === 'Job') return podOf(name, withMarks(spec.template));
  const published = publishedBy(spec.template.metadata?.labels, services);
  // A port of this machine is that of one pod.
  const replicas = published.size > 0 ? 1 : ((spec as StatefulSet['spec'])?.replicas ?? 1);
  return Array.from({ length: replicas }, (_, n) => n).flatMap((index) => {
    const claims = workload.kind === 'StatefulSet' ? claimsOf(workload, index) : [];
    const pods = podOf(`${name}-${index}`, withClaims(withMarks(spec.template), claims), {
      'apps.kubernetes.io/pod-index': String(index),
      'statefulset.kubernetes.io/pod-name': `${name}-${index}`,
    });
    return [...claims.map(({ claim }) => claim), ...pods];
  });
}

type PodManifest = Extract<Manifest, { readonly kind: 'Pod' }>;
type ClaimManifest = Extract<Manifest, { readonly kind: 'PersistentVolumeClaim' }>;

interface Claim {
  readonly volume: string;
  readonly claim: ClaimManifest;
}

/** By the names that the cluster gives them. */
function claimsOf({ metadata, spec }: StatefulSet, index: number): readonly Claim[] {
  return (spec?.volumeClaimTemplates ?? []).map((template) => {
    const volume = template.metadata?.name ?? '';
    const name = `${volume}-${metadata?.name}-${index}`;
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: template.spec,
    } as const;
    return { volume, claim: claim as Claim['claim'] };
  });
}

function withClaims(template: PodTemplateSpec, claims: readonly Claim[]): PodTemplateSpec {
  const volumes = claims.map(({ volume, claim }) => ({
    name: volume,
    persistentVolumeClaim: { claimName: claim.metadata?.name ?? '' },
  }));
  const spec = template.spec as PodSpec;
  return { ...template, spec: { ...spec, volumes: [...(spec.volumes ?? []), ...volumes] } };
}

interface PodOptions {
  readonly workload: string;
  readonly template: PodTemplateSpec;
  /** Labels that a cluster would add. */
  readonly more: Labels;
  readonly services: readonly Service[];
}

function toPod(name: string, { workload, template, more, services }: PodOptions): PodManifest {
  const labels = { ...template.metadata?.labels, ...more };
  const published = publishedBy(labels, services);
  const spec = template.spec as PodSpec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      ...spec,
      hostname: hostnameOf(labels, services) ?? workload,
      containers: spec.containers.map((one) => withPorts(one, published)),
    },
  };
}

function withPorts({ ports = [], ...rest }: Container, published: ReadonlyMap<string, number>): Container {
  return {
    ...rest,
    ports: ports.map((port) => {
      const hostPort = published.get(port.name ?? '');
      return hostPort === undefined ? port : { ...port, hostPort, hostIP: '127.0.0.1' };
    }),
  };
}

/**
 * With a container that writes a file into what pods share, before the others start: Podman gives a volume that is still
 * empty to root at the second start of a container. What a pod has for itself, it writes to at its first start.
 */
function withMarks(template: PodTemplateSpec): PodTemplateSpec {
  const spec = template.spec as PodSpec;
  const [first] = spec.containers;
  const shared = new Set(
    (spec.volumes ?? [])
      .filter(({ persistentVolumeClaim: claim }) => claim !== undefined && claim.readOnly !== true)
      .map(({ name }) => name),
  );
  const volumeMounts = (first?.volumeMounts ?? []).filter(({ name }) => shared.has(name));
  if (first === undefined || volumeMounts.length === 0) return template;
  const command = ['sh', '-c', volumeMounts.map(({ mountPath }) => `: >>${mountPath}/.volume`).join('; ')];
  const { image, imagePullPolicy, securityContext } = first;
  const marks = { name: 'marks', image, imagePullPolicy, securityContext, volumeMounts, command };
  return { ...template, spec: { ...spec, initContainers: [marks as Container] } };
}

/** The pod with a claim for each of its folders in memory, and the claims, which say by annotations what Podman makes. */
function inMemory(pod: PodManifest): readonly Manifest[] {
  const spec = pod.spec as PodSpec;
  const claims: ClaimManifest[] = [];
  const volumes = (spec.volumes ?? []).map((volume) => {
    if (volume.emptyDir?.medium !== 'Memory') return volume;
    const claimName = `${pod.metadata?.name}-${volume.name}`;
    claims.push(memoryClaim(claimName, String(volume.emptyDir.sizeLimit)));
    return { name: volume.name, persistentVolumeClaim: { claimName } };
  });
  return [...claims, { ...pod, spec: { ...spec, volumes } }];
}

function memoryClaim(name: string, size: string): ClaimManifest {
  const annotations = {
    'volume.podman.io/driver': 'local',
    'volume.podman.io/type': 'tmpfs',
    'volume.podman.io/device': 'tmpfs',
    'volume.podman.io/mount-options': `size=${size.replace('i', '').toLowerCase()},mode=1777`,
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
  };
}

/** Of the services that choose a pod, the one that chooses the fewest. */
function hostnameOf(labels: Labels, services: readonly Service[]): string | undefined {
  const [narrowest] = services
    .filter((service) => chooses(service, labels))
    .sort((a, b) => Object.keys(b.spec?.selector ?? {}).length - Object.keys(a.spec?.selector ?? {}).length);
  return narrowest?.metadata?.name;
}

/** The ports that speak TLS, by which people reach the stack: the name of the container's, and the service's number. */
function publishedBy(labels: Labels = {}, services: readonly Service[]): ReadonlyMap<string, number> {
  const ports = services.filter((one) => chooses(one, labels)).flatMap(({ spec }) => spec?.ports ?? []);
  return new Map(
    ports
      .filter(({ appProtocol }) => appProtocol === 'https')
      .map(({ targetPort, port }) => [String(targetPort), port]),
  );
}

function chooses({ spec }: Service, labels: Labels): boolean {
  const selector = Object.entries(spec?.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}
