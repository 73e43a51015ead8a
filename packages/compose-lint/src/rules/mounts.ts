import { imageVolumes, isWithin, type Mount, mountsOf, tmpfsBytes } from '../mounts.ts';
import { rule } from '../rule.ts';

/** Two mounts on one destination: Podman refuses the start ("duplicate mount destination"). */
const oneMountPerDestination = rule('duplicate-mount', ({ service }) => {
  const seen = new Map<string, Mount>();
  return mountsOf(service).map((mount) => {
    const { path, destination, kind } = mount;
    const first = seen.get(destination);
    seen.set(destination, first ?? mount);
    const message = `${destination} is mounted as ${first?.kind} and again as ${kind}`;
    return first !== undefined && [path, message, 'keep one mount strategy per destination'];
  });
});

/** A mount below another hides what the outer one holds, and the order of mounts depends on the engine. */
const noNestedMounts = rule('nested-mount', ({ service }) => {
  const mounts = mountsOf(service);
  return mounts.map(({ path, destination }) => {
    const outer = mounts.find(
      (one) => one.destination !== destination && isWithin(destination, one.destination),
    );
    const message = `${destination} lies inside ${outer?.destination}, which is a ${outer?.kind} mount of its own`;
    return outer !== undefined && [path, message, 'mount siblings, or the outer folder alone'];
  });
});

/** `host:/models,U` mounts at a folder that is literally named "/models,U". */
const plainDestinations = rule('mount-destination', ({ service }) =>
  mountsOf(service).map(
    ({ path, destination }) =>
      !/^\/[^,:\s]*$/.test(destination) && [
        path,
        `"${destination}" is not a plain absolute path`,
        'put options behind a second colon: source:/destination:ro',
      ],
  ),
);

/** Without a size a tmpfs may take half of the host's memory. */
const sizedTmpfs = rule('tmpfs-size', ({ service }) =>
  mountsOf(service).map(
    (mount) =>
      mount.kind === 'tmpfs' &&
      tmpfsBytes(mount) === undefined && [
        mount.path,
        `the tmpfs at ${mount.destination} has no size`,
        `write "${mount.destination}:size=64m,mode=0700,U"`,
      ],
  ),
);

/** What may be written is tmpfs or a named volume: a host folder brings the host's owners and permissions. */
const noWritableBinds = rule('writable-bind', ({ service }) =>
  mountsOf(service).map(
    ({ kind, isReadOnly, path, source }) =>
      kind === 'bind' &&
      !isReadOnly && [
        path,
        `${source} is a writable folder of the host`,
        'use a named volume or a tmpfs, or add :ro',
      ],
  ),
);

/** A named volume must be declared. An anonymous volume fills the disk unnoticed. */
const declaredVolumes = rule('undeclared-volume', ({ service, project }) =>
  mountsOf(service).map(
    ({ kind, source, path, destination }) =>
      kind === 'volume' &&
      !(source !== undefined && source in project.volumes) && [
        path,
        `the volume ${source ?? '(anonymous)'} at ${destination} is not declared`,
        'name it, and list it under the top-level volumes',
      ],
  ),
);

const mountedImageVolumes = rule('image-volume', ({ service }) =>
  imageVolumes(service).map(
    (path) =>
      !mountsOf(service).some(({ destination }) => isWithin(path, destination)) && [
        ['image'],
        `the image declares ${path} as a volume: unmounted, it becomes an anonymous one on disk`,
        `mount ${path}: tmpfs: ["${path}:size=512m,mode=0700,U"]`,
      ],
  ),
);

export const MOUNTS = [
  oneMountPerDestination,
  noNestedMounts,
  plainDestinations,
  sizedTmpfs,
  noWritableBinds,
  declaredVolumes,
  mountedImageVolumes,
];
