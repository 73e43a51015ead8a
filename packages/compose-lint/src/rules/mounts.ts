import type { Finding, Rule } from '../finding.ts';
import { imageVolumes, isWithin, type Mount, mountsOf } from '../mounts.ts';

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

/**
 * A mount below another hides what the outer one holds, and the order of mounts depends on the engine. /run is a tmpfs
 * of the engine's own in any case.
 */
export const noNestedMounts: Rule = ({ name, service }) => {
  const mounts = mountsOf(name, service);
  return mounts.flatMap((inner) => {
    const outer = mounts.find(
      ({ destination }) =>
        destination !== inner.destination &&
        destination !== '/run' &&
        isWithin(inner.destination, destination),
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

/** What may be written is tmpfs or a named volume: a host folder brings the host's owners and permissions. */
export const noWritableBinds: Rule = ({ name, service }) =>
  mountsOf(name, service)
    .filter((mount) => mount.kind === 'bind' && !mount.isReadOnly)
    .map(({ source, path }) => ({
      rule: 'writable-bind',
      path,
      ...(source === undefined ? {} : { item: source }),
      message: 'the container can write into a folder of the host',
      cure: 'use a named volume or a tmpfs, or add :ro',
    }));

/** A folder that the image declares as a volume becomes an anonymous one on disk where nothing is mounted. */
export const mountedImageVolumes: Rule = ({ name, service }) =>
  imageVolumes(service)
    .filter((path) => !mountsOf(name, service).some(({ destination }) => isWithin(path, destination)))
    .map(
      (path): Finding => ({
        rule: 'image-volume',
        path: ['services', name, 'image'],
        message: `the image declares ${path} as a volume: unmounted, it becomes an anonymous one on disk`,
        cure: `mount ${path}: tmpfs: ["${path}:size=512m,mode=0700,U"]`,
      }),
    );
