import { join } from 'node:path';
import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { fromJson, type PodmanInfo } from './podman.ts';

const Layers = z.array(
  z.object({ id: z.string(), parent: z.string().optional(), 'diff-size': z.number().optional() }),
);
const Images = z.array(
  z.object({ id: z.string(), layer: z.string().optional(), 'mapped-layers': z.array(z.string()).optional() }),
);
const Containers = z.array(z.object({ id: z.string(), layer: z.string().optional() }));

/**
 * What the removal of images frees: the layers that no image and no container besides them stands on, with their copies
 * for other users. Sizes that Podman prints for images count shared layers once for each of them.
 *
 * @returns undefined when the storage cannot be read, or is of another form
 * @see containers-storage.conf(5): the files of its graphroot
 */
export function measureImages(
  host: Host,
  { store }: PodmanInfo,
): ((removed: ReadonlySet<string>) => number) | undefined {
  const read = (part: string) =>
    fromJson(host.read(join(store.graphRoot, `overlay-${part}/${part}.json`)) ?? '');
  const layers = Layers.safeParse(read('layers')).data;
  const images = Images.safeParse(read('images')).data;
  const containers = Containers.safeParse(read('containers')).data ?? [];
  if (layers === undefined || images === undefined) return undefined;
  const known = new Map(layers.map((layer) => [layer.id, layer]));
  const chain = (top: string | undefined): readonly string[] =>
    top === undefined ? [] : [top, ...chain(known.get(top)?.parent)];
  const layersOf = (one: z.infer<typeof Images>[number]) =>
    [one.layer, ...(one['mapped-layers'] ?? [])].flatMap(chain);
  return (removed) => {
    const kept = new Set([
      ...images.filter(({ id }) => !removed.has(id)).flatMap(layersOf),
      ...containers.flatMap(({ layer }) => chain(layer)),
    ]);
    const gone = new Set(images.filter(({ id }) => removed.has(id)).flatMap(layersOf));
    return [...gone]
      .filter((id) => !kept.has(id))
      .reduce((sum, id) => sum + (known.get(id)?.['diff-size'] ?? 0), 0);
  };
}
