import { join } from 'node:path';
import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { fromJson, type PodmanInfo } from './podman.ts';

const Layers = z.array(z.object({ id: z.string(), parent: z.string().optional() }));
const Images = z.array(
  z.object({
    id: z.string(),
    layer: z.string().optional(),
    /** Copies for containers whose users are others: `keep-id` makes them. */
    'mapped-layers': z.array(z.string()).optional(),
  }),
);
const Containers = z.array(z.object({ id: z.string(), layer: z.string().optional() }));

/**
 * What the removal of images frees: the files of the layers that no other image and no container stands on, copies for
 * other users included. Sizes that Podman prints for images count shared layers once for each image, and no copies.
 *
 * @returns a function that says the bytes on the disk; undefined when the storage cannot be read, or is of another form
 * @see containers-storage.conf(5): the files below its graphroot
 */
export function measureImages(host: Host, { store: { graphRoot } }: PodmanInfo) {
  const read = (part: string) => fromJson(host.read(join(graphRoot, `overlay-${part}/${part}.json`)) ?? '');
  const layers = Layers.safeParse(read('layers')).data;
  const images = Images.safeParse(read('images')).data;
  const containers = Containers.safeParse(read('containers')).data ?? [];
  if (layers === undefined || images === undefined) return undefined;
  const parents = new Map(layers.map(({ id, parent }) => [id, parent]));
  const chain = (top: string | undefined): readonly string[] =>
    top === undefined ? [] : [top, ...chain(parents.get(top))];
  const layersOf = ({ layer, 'mapped-layers': copies = [] }: z.infer<typeof Images>[number]) =>
    [layer, ...copies].flatMap(chain);
  return (removed: ReadonlySet<string>): Promise<number> => {
    const kept = new Set([
      ...images.filter(({ id }) => !removed.has(id)).flatMap(layersOf),
      ...containers.flatMap(({ layer }) => chain(layer)),
    ]);
    const gone = new Set(images.filter(({ id }) => removed.has(id)).flatMap(layersOf));
    const folders = [...gone].filter((id) => !kept.has(id)).map((id) => join(graphRoot, 'overlay', id));
    return diskUsage(host, folders);
  };
}

/**
 * Bytes on the disk. Files of containers belong to users of theirs: all of them are seen only inside of the namespace of
 * these users.
 */
export async function diskUsage(host: Host, paths: readonly string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const ran = await host.run('podman', 'unshare', 'du', '--summarize', '--block-size=1', ...paths);
  const sizes = (ran?.stdout ?? '').split('\n').map((line) => Number.parseInt(line, 10) || 0);
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
