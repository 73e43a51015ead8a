import type { Host } from '../host/host.ts';
import { type Image, listImages, listUses, type Use } from '../podman/images.ts';
import { diskUsage, measureImages } from '../podman/layers.ts';
import { IMAGE_LABEL, type PodmanInfo } from '../podman/podman.ts';
import type { Removable } from './item.ts';
import { podmanCommand } from './podman-command.ts';

export interface ImagePlan {
  readonly own: readonly Removable[];
  readonly shared: readonly Removable[];
  readonly notes: readonly string[];
}

/**
 * Images that newer builds have taken the place of, and the intermediate ones of such builds. Those with this stack's
 * label are its own; for others nobody can say whose they are.
 *
 * @param removedContainers containers that are removed before
 */
export async function planImages(
  host: Host,
  info: PodmanInfo,
  removedContainers: ReadonlySet<string>,
): Promise<ImagePlan> {
  const [images, uses] = await Promise.all([listImages(host), listUses(host)]);
  if (images === undefined || uses === undefined) return leaveAlone('podman does not list them');
  const cutOff = uses.filter(({ isOfBuild }) => isOfBuild);
  const reason = await reasonToWait(host, cutOff);
  if (reason !== undefined) return leaveAlone(reason);
  const gone = new Set([...removedContainers, ...cutOff.map(({ id }) => id)]);
  const used = new Set(uses.filter(({ id }) => !gone.has(id)).map(({ image }) => image));
  const unnamed = (image: Image) => image.names.length === 0 && !used.has(image.id);
  const measure = measureImages(host, info);
  const labelled = new Set(images.filter(({ labels }) => IMAGE_LABEL in labels).map(({ id }) => id));
  const isOwnBuild = ({ image }: Use) => labelled.has(image);
  const own = withoutNeeded(images, (image) => unnamed(image) && labelled.has(image.id));
  const others = withoutNeeded(images, (image) => unnamed(image) && !labelled.has(image.id));
  return {
    own: [
      ...cutOff.filter(isOwnBuild).map((use) => cutOffBuild(host, use)),
      ...(await olderBuilds(host, own, measure)),
    ],
    shared: [
      ...cutOff.filter((use) => !isOwnBuild(use)).map((use) => cutOffBuild(host, use)),
      ...(await sharedImages(host, others, measure)),
      ...(await buildCache(host)),
    ],
    notes: [],
  };
}

function leaveAlone(reason: string): ImagePlan {
  return { own: [], shared: [], notes: [`images and build cache are left alone: ${reason}`] };
}

type Measure = ReturnType<typeof measureImages>;

/** One item for each of the stack's images: the builds of it that newer ones have taken the place of. */
async function olderBuilds(
  host: Host,
  images: readonly Image[],
  measure: Measure,
): Promise<readonly Removable[]> {
  const groups = Map.groupBy(images, ({ labels }) => labels[IMAGE_LABEL] ?? '');
  const builds = [...groups].map(async ([name, group]): Promise<Removable> => {
    const ids = group.map(({ id }) => id);
    const newest = Math.max(...group.map(({ createdMs }) => createdMs));
    return {
      kind: 'image',
      name: `${name}, ${ids.length} in all`,
      bytes: await measure?.(new Set(ids)),
      why: `older builds and their steps, the newest of ${minuteOf(newest)}`,
      command: podmanCommand(host, 'rmi', '--no-prune', ...ids).command,
      remove: () => removeEach(host, ids),
    };
  });
  return Promise.all(builds);
}

/** One by one: each takes a moment, and all of them longer than a program is waited for. */
async function removeEach(host: Host, ids: readonly string[]): Promise<void> {
  const failures: Error[] = [];
  for (const id of ids) {
    const { remove } = podmanCommand(host, 'rmi', '--no-prune', id);
    await remove().catch((error: Error) => failures.push(error));
  }
  const [first] = failures;
  if (first !== undefined) throw new Error(`${failures.length} of ${ids.length}: ${first.message}`);
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

/** Those of which no image that stays is a child, children first: the order in which Podman removes them. */
function withoutNeeded(images: readonly Image[], isCandidate: (image: Image) => boolean): readonly Image[] {
  const sorted: Image[] = [];
  let left = images.filter(isCandidate);
  let others = images;
  for (;;) {
    const parents = new Set(others.map(({ parent }) => parent));
    const free = left.filter(({ id }) => !parents.has(id));
    if (free.length === 0) return sorted;
    sorted.push(...free);
    const gone = new Set(free);
    left = left.filter((image) => !gone.has(image));
    others = others.filter((image) => !gone.has(image));
  }
}

async function sharedImages(
  host: Host,
  images: readonly Image[],
  measure: Measure,
): Promise<readonly Removable[]> {
  if (images.length === 0) return [];
  return [
    {
      kind: 'image',
      name: `${images.length} without name and label`,
      bytes: await measure?.(new Set(images.map(({ id }) => id))),
      why: 'of other projects, or of builds of this one before it had labels',
      ...podmanCommand(host, 'image', 'prune', '--force'),
    },
  ];
}

/** What `RUN --mount=type=cache` keeps: one folder for all builds of this user. */
async function buildCache(host: Host): Promise<readonly Removable[]> {
  const folder = `/var/tmp/buildah-cache-${host.user.uid}`;
  const bytes = await diskUsage(host, [folder]);
  if (bytes === 0) return [];
  return [
    {
      kind: 'build cache',
      name: folder,
      bytes,
      why: 'packages that builds fetched; all builds of this user share it, and the next one fetches them again',
      ...podmanCommand(host, 'image', 'prune', '--force', '--build-cache'),
    },
  ];
}

/** The container of a build that was cut off: nothing else removes it, and it keeps its image. */
function cutOffBuild(host: Host, { id, createdMs }: Use): Removable {
  return {
    kind: 'container',
    name: id.slice(0, 12),
    bytes: undefined,
    why: `of a build of ${minuteOf(createdMs)} that was cut off`,
    ...podmanCommand(host, 'rm', '--force', id),
  };
}

const BUILD = '(podman|buildah)( --?[^ ]+)* (build|bud)( |$)';
/** Longest time for which a build may wait for the network. */
const RECENT_MS = 2 * 3_600_000;

/** A build is seen by its process; the service of Podman's socket builds by itself, and then by its containers alone. */
async function reasonToWait(host: Host, cutOff: readonly Use[]): Promise<string | undefined> {
  const isBuilding = await hasProcess(host, BUILD);
  if (isBuilding === undefined)
    return 'without pgrep (sudo apt install procps) it cannot be seen whether a build runs';
  const mayBuild = cutOff.some(isRecent) && (await hasProcess(host, 'podman( --?[^ ]+)* system service'));
  return isBuilding || mayBuild ? 'a build is running' : undefined;
}

async function hasProcess(host: Host, pattern: string): Promise<boolean | undefined> {
  const ran = await host.run('pgrep', '--uid', String(host.user.uid), '--full', pattern);
  return ran && ran.code === 0;
}

function isRecent({ createdMs }: Use): boolean {
  return Date.now() - createdMs < RECENT_MS;
}
