import { existsSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { openScene, type Scene } from '../doctor/scene.ts';
import type { Host } from '../host/host.ts';
import { listImages } from '../podman/images.ts';
import { planContainers } from './containers.ts';
import { planFiles, planFormerData, planRuns } from './files.ts';
import { planImages } from './images.ts';
import type { Item, Plan, Removable } from './item.ts';
import { planVolumes } from './volumes.ts';

/**
 * What can be removed because this stack needs it no longer. Removes nothing.
 *
 * @param root the checkout
 */
export async function planReclaim(host: Host, root: string): Promise<Plan> {
  const scene = await openScene(host, { root, verifyModels: async () => [] });
  const { dataDir, settings, podman } = scene;
  const models = host.at(resolve(root, settings['RAG_MODELS_DIR'] || join(dataDir, 'models')));
  const data = host.at(dataDir);
  const files = [...(await planRuns(host)), ...planFiles(data, models)];
  const former = planFormerData(data);
  if (podman.kind !== 'works') {
    const why =
      podman.kind === 'absent' ? 'there is no Podman here' : `Podman does not work: ${podman.reason}`;
    return { own: files, data: former, shared: [], notes: [`no images, containers and volumes: ${why}`] };
  }
  const { own, data: volumes, ...rest } = await planPodman(scene, podman);
  return { own: [...files, ...own], data: [...former, ...volumes], ...rest };
}

async function planPodman(
  { host, root, project, settings }: Scene,
  { info, containers }: Extract<Scene['podman'], { kind: 'works' }>,
): Promise<Plan> {
  const composeFiles = (settings['COMPOSE_FILE'] ?? '').split(':').filter(Boolean);
  const stack = { root, project, composeFiles };
  const named = ((await listImages(host)) ?? []).filter(({ names }) => names.length > 0);
  const stopped = planContainers(host, containers, stack, new Set(named.map(({ id }) => id)));
  const names = new Set(stopped.map(({ name }) => name));
  const removed = containers.filter(({ name }) => names.has(name)).map(({ id }) => id);
  const images = await planImages(host, info, new Set(removed));
  const { data, notes } = await planVolumes(host, containers, stack);
  return { ...images, own: [...stopped, ...images.own], data, notes: [...images.notes, ...notes] };
}

export interface Reclaimed {
  readonly removed: readonly Item[];
  /** What could not be removed, and why: in use since the plan was made, for instance. */
  readonly kept: readonly (Item & { readonly failure: string })[];
  /** Of the disk, in bytes. Whatever else writes to it meanwhile counts as well. */
  readonly freeBefore: number;
  readonly freeAfter: number;
}

/** Removes the items one after the other. */
export async function reclaim(host: Host, items: readonly Removable[]): Promise<Reclaimed> {
  const freeBefore = await freeBytes(host);
  const removed: Item[] = [];
  const kept: (Item & { failure: string })[] = [];
  for (const { remove, ...item } of items) {
    try {
      await remove();
      removed.push(item);
    } catch (error) {
      kept.push({ ...item, failure: (error as Error).message });
    }
  }
  return { removed, kept, freeBefore, freeAfter: await freeBytes(host) };
}

/** Of the disk on which Podman keeps its images, or else of the one of temporary files. */
async function freeBytes(host: Host): Promise<number> {
  const ran = await host.run('podman', 'info', '--format', '{{.Store.GraphRoot}}');
  const folder = host.at(ran?.code === 0 ? ran.stdout.trim() : '/tmp');
  const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : dirname(folder));
  return bavail * bsize;
}
