import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { type Container, IMAGE_LABEL, unitOf } from '../podman/podman.ts';
import type { Removable } from './item.ts';
import { podmanCommand } from './podman-command.ts';

/** What decides whose a container is. */
export interface Stack {
  readonly root: string;
  readonly project: string;
  /** What `COMPOSE_FILE` names. */
  readonly composeFiles: readonly string[];
}

/**
 * Containers that do not run and will not: those of `compose run`, and those of an image that is no longer current. A
 * stack that is merely stopped keeps its own.
 *
 * @param currentImages the ids of all images with a name
 */
export function planContainers(
  host: Host,
  containers: readonly Container[],
  stack: Stack,
  currentImages: ReadonlySet<string>,
): readonly Removable[] {
  const stopped = containers.filter(
    (container) => container.state !== 'running' && isProvenOwn(container, stack),
  );
  return stopped.flatMap((container) => {
    const why = reasonFor(container, stack, currentImages);
    if (why === undefined) return [];
    // Without force: Podman refuses where it has been started meanwhile.
    return [
      {
        kind: 'container',
        name: container.name,
        bytes: 0,
        why,
        ...podmanCommand(host, 'rm', '--volumes', container.id),
      },
    ];
  });
}

/** By the label of its image, or by compose's labels, which name the folder of the project. */
function isProvenOwn({ labels }: Container, { root, project }: Stack): boolean {
  if (IMAGE_LABEL in labels) return true;
  const folder = labels['com.docker.compose.project.working_dir'];
  return (
    labels['com.docker.compose.project'] === project && (folder === root || folder === join(root, 'compose'))
  );
}

function reasonFor(
  container: Container,
  { project }: Stack,
  currentImages: ReadonlySet<string>,
): string | undefined {
  if (!['exited', 'created', 'dead', 'stopped'].includes(container.state)) return undefined;
  if (!isOfService(container, project)) return `it is ${container.state}, and no service of the stack`;
  return currentImages.has(container.imageId)
    ? undefined
    : `it is ${container.state}, and its image has been replaced`;
}

/** `xnai_rag_1`, `xnai-rag-1`, or `xnai-rag` of a unit. */
function isOfService({ name, labels }: Container, project: string): boolean {
  const service = labels['com.docker.compose.service'];
  if (labels['com.docker.compose.oneoff']?.toLowerCase() === 'true') return false;
  return service === undefined
    ? unitOf(labels, project) !== undefined
    : [`${project}_${service}_1`, `${project}-${service}-1`].includes(name);
}
