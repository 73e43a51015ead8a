import type { Finding, Rule } from '../finding.ts';
import { imageVolumes, isWithin, type Mount, mountsOf } from '../mounts.ts';
import { parseSize } from '../size.ts';

/** Two mounts on one destination: Podman refuses the start ("duplicate mount destination"). */
export const oneMountPerDestination: Rule = ({ name, service }) => {
  const seen = new Map<string, Mount>();
  return mountsOf(name, service).flatMap((mount) => {
    const first = seen.get(mount.destination);
    seen.set(mount.destination, first ?? mount);
    if (first === undefined) return [];
    return {
      rule: 'duplicate-mount',
      path: mount.path,
      message: `${mount.destination} is mounted as ${first.kind} and again as ${mount.kind}`,
      cure: 'keep one mount strategy per destination',
    };
  });
};

/** A mount below another hides what the outer one holds, and the order of mounts depends on the engine. */
export const noNestedMounts: Rule = ({ name, service }) => {
  const mounts = mountsOf(name, service);
  return mounts.flatMap((inner) => {
    const outer = mounts.find(
      (one) => one.destination !== inner.destination && isWithin(inner.destination, one.destination),
    );
    if (outer === undefined) return [];
    return {
      rule: 'nested-mount',
      path: inner.path,
      message: `${inner.destination} lies inside ${outer.destination}, which is a ${outer.kind} mount of its own`,
      cure: 'mount siblings, or the outer folder alone',
    };
  });
};

/** `host:/models,U` mounts at a folder that is literally named "/models,U". */
export const plainDestinations: Rule = ({ name, service }) =>
  mountsOf(name, service)
    .filter(({ destination }) => !/^\/[^,:\s]*$/.test(destination))
    .map((mount) => ({
      rule: 'mount-destination',
      path: mount.path,
      message: `"${mount.destination}" is not a plain absolute path`,
      cure: 'put options behind a second colon: source:/destination:ro',
    }));

/** Without a size a tmpfs may take half of the host's memory. */
export const sizedTmpfs: Rule = ({ name, service }) =>
  mountsOf(name, service)
    .filter((mount) => mount.kind === 'tmpfs' && tmpfsBytes(mount) === undefined)
    .map((mount) => ({
      rule: 'tmpfs-size',
      path: mount.path,
      message: `the tmpfs at ${mount.destination} has no size`,
      cure: `write "${mount.destination}:size=64m,mode=0700,U"`,
    }));

export function tmpfsBytes(mount: Mount): number | undefined {
  const size = mount.options.find((option) => option.startsWith('size='))?.slice('size='.length);
  return size === undefined ? undefined : parseSize(size);
}

/** What may be written is tmpfs or a named volume: a host folder brings the host's owners and permissions. */
export const noWritableBinds: Rule = ({ name, service }) =>
  mountsOf(name, service)
    .filter((mount) => mount.kind === 'bind' && !mount.isReadOnly)
    .map((mount) => ({
      rule: 'writable-bind',
      path: mount.path,
      message: `${mount.source} is a writable folder of the host`,
      cure: 'use a named volume or a tmpfs, or add :ro',
    }));

/** A named volume must be declared. An anonymous volume fills the disk unnoticed. */
export const declaredVolumes: Rule = ({ name, service, project }) => [
  ...mountsOf(name, service)
    .filter(({ kind, source }) => kind === 'volume' && (source === undefined || !(source in project.volumes)))
    .map(
      (mount): Finding => ({
        rule: 'undeclared-volume',
        path: mount.path,
        message: `the volume ${mount.source ?? '(anonymous)'} at ${mount.destination} is not declared`,
        cure: 'name it, and list it under the top-level volumes',
      }),
    ),
  ...imageVolumes(service)
    .filter((path) => !mountsOf(name, service).some(({ destination }) => isWithin(path, destination)))
    .map(
      (path): Finding => ({
        rule: 'image-volume',
        path: ['services', name, 'image'],
        message: `the image declares ${path} as a volume: unmounted, it becomes an anonymous one on disk`,
        cure: `mount ${path}: tmpfs: ["${path}:size=512m,mode=0700,U"]`,
      }),
    ),
];
