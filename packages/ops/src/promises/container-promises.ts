import { z } from 'zod';
import type { Scene } from '../doctor/scene.ts';
import { fromJson, serviceOf } from '../podman/podman.ts';
import { judge, type Verdict } from './promise.ts';

/** Of `podman container inspect`, what the promises speak of. */
const Inspected = z.object({
  Name: z.string(),
  ImageName: z.string(),
  Image: z.string(),
  ImageDigest: z.string().default(''),
  EffectiveCaps: z.array(z.string()).nullish(),
  BoundingCaps: z.array(z.string()).nullish(),
  Config: z.object({ User: z.string().default(''), Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    SecurityOpt: z.array(z.string()).nullish(),
    Memory: z.number(),
    PidsLimit: z.number().nullish(),
    Tmpfs: z.record(z.string(), z.string()).nullish(),
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullish())
      .nullish(),
  }),
  Mounts: z
    .array(z.object({ Type: z.string(), Source: z.string().default(''), Destination: z.string() }))
    .nullish(),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }),
});
type Inspected = z.infer<typeof Inspected> & { readonly service: string };

export async function checkContainerPromises(scene: Scene): Promise<readonly Verdict[]> {
  const running = scene.containers.filter(({ state }) => state === 'running');
  if (running.length === 0) return [];
  const ran = await scene.host.run('podman', 'container', 'inspect', ...running.map(({ id }) => id));
  const all = z
    .array(Inspected)
    .parse(fromJson(ran?.stdout ?? ''))
    .map((one): Inspected => {
      const labels = one.Config.Labels ?? {};
      return { ...one, service: serviceOf({ labels, name: one.Name }, scene.project) };
    });
  return [
    ...PROMISES.map(({ promise, against, seen }) => judgeAll(promise, all, against, seen)),
    await checkNetworks(scene, all),
  ];
}

interface ContainerPromise {
  readonly promise: string;
  /** What of a container speaks against it; undefined when nothing does. */
  readonly against: (container: Inspected) => string | undefined;
  readonly seen: (container: Inspected) => string;
}

const PROMISES: readonly ContainerPromise[] = [
  {
    promise: 'containers run as an unprivileged user',
    against: ({ Config: { User } }) =>
      User === '' || /^(0|root)(:|$)/.test(User) ? `runs as ${User || 'root'}` : undefined,
    seen: ({ Config: { User } }) => User,
  },
  {
    promise: 'containers have no capabilities',
    against: ({ EffectiveCaps, BoundingCaps, HostConfig: { Privileged } }) => {
      const caps = [...(EffectiveCaps ?? []), ...(BoundingCaps ?? [])];
      if (Privileged) return 'is privileged';
      return caps.length === 0 ? undefined : `has ${[...new Set(caps)].join(' ')}`;
    },
    seen: () => 'none',
  },
  {
    promise: 'containers gain no privileges (no-new-privileges)',
    against: ({ HostConfig: { SecurityOpt } }) =>
      (SecurityOpt ?? []).some((option) => option.startsWith('no-new-privileges')) ? undefined : 'lacks it',
    seen: () => 'set',
  },
  {
    promise: 'containers have a read-only root',
    against: ({ HostConfig: { ReadonlyRootfs } }) => (ReadonlyRootfs ? undefined : 'can write to its root'),
    seen: () => 'read-only',
  },
  {
    promise: 'memory and processes are limited',
    against: ({ HostConfig: { Memory, PidsLimit } }) =>
      Memory > 0 && (PidsLimit ?? 0) > 0
        ? undefined
        : `memory ${Memory || 'without limit'}, processes ${PidsLimit || 'without limit'}`,
    seen: ({ HostConfig: { Memory, PidsLimit } }) =>
      `${Math.round(Memory / 2 ** 20)} MiB, ${PidsLimit} processes`,
  },
  {
    promise: 'every writable place is a sized tmpfs or a named volume; no folder of the host is mounted',
    against: ({ HostConfig: { Tmpfs }, Mounts }) => {
      const unsized = Object.entries(Tmpfs ?? {})
        .filter(([, options]) => !/(^|,)size=/.test(options))
        .map(([path]) => path);
      const binds = (Mounts ?? []).filter(({ Type }) => Type === 'bind').map(({ Source }) => Source);
      const faults = [
        ...unsized.map((path) => `${path} has no size`),
        ...binds.map((source) => `${source} of the host is mounted`),
      ];
      return faults.length === 0 ? undefined : faults.join(', ');
    },
    seen: ({ HostConfig: { Tmpfs }, Mounts }) =>
      `${Object.keys(Tmpfs ?? {}).length} tmpfs, ${(Mounts ?? []).length} volumes`,
  },
  {
    promise: 'the APIs are published on loopback only',
    against: ({ HostConfig: { PortBindings } }) => {
      const open = bindings(PortBindings).filter(({ HostIp }) => !/^(127\.|::1$)/.test(HostIp));
      return open.length === 0
        ? undefined
        : open.map(({ HostIp, HostPort }) => `${HostIp || 'all addresses'}:${HostPort}`).join(', ');
    },
    seen: ({ HostConfig: { PortBindings } }) =>
      bindings(PortBindings)
        .map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`)
        .join(', ') || 'no port',
  },
  {
    promise: 'the images that run are known',
    against: () => undefined,
    seen: ({ ImageName, ImageDigest, Image }) => `${ImageName} ${(ImageDigest || Image).slice(0, 19)}`,
  },
];

function bindings(ports: Inspected['HostConfig']['PortBindings']) {
  return Object.values(ports ?? {}).flatMap((bound) => bound ?? []);
}

function judgeAll(
  promise: string,
  all: readonly Inspected[],
  against: ContainerPromise['against'],
  seen: ContainerPromise['seen'],
): Verdict {
  const faults = all.flatMap((one) => {
    const fault = against(one);
    return fault === undefined ? [] : [`${one.service} ${fault}`];
  });
  return judge(
    promise,
    all.map((one) => `${one.service}: ${seen(one)}`),
    faults,
  );
}

/** Networks without a route to the outside are all that these services are on. */
const ENCLOSED = ['rag', 'redis', 'secrets'];

async function checkNetworks({ host }: Scene, all: readonly Inspected[]): Promise<Verdict> {
  const names = [
    ...new Set(all.flatMap(({ NetworkSettings }) => Object.keys(NetworkSettings.Networks ?? {}))),
  ];
  const ran = await host.run('podman', 'network', 'inspect', ...names);
  const networks = z
    .array(z.object({ name: z.string(), internal: z.boolean() }))
    .parse(fromJson(ran?.stdout ?? ''));
  const isInternal = new Map(networks.map(({ name, internal }) => [name, internal]));
  const enclosed = all.filter(({ service }) => ENCLOSED.includes(service));
  const of = (one: Inspected) => Object.keys(one.NetworkSettings.Networks ?? {});
  return judge(
    'rag and Redis are on a network without a route to the outside',
    enclosed.map((one) => `${one.service}: ${of(one).join(', ')}`),
    enclosed.flatMap((one) =>
      of(one)
        .filter((name) => isInternal.get(name) !== true)
        .map((name) => `${one.service} is on ${name}, which leads outside`),
    ),
  );
}
