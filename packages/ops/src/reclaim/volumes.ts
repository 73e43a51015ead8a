import { globSync } from 'node:fs';
import { join } from 'node:path';
import { readVolumes } from '@xnai/compose-lint/facts';
import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { type Container, fromJson, Labels } from '../podman/podman.ts';
import type { Stack } from './containers.ts';
import { sizeOf } from './files.ts';
import type { Removable } from './item.ts';
import { podmanCommand } from './podman-command.ts';

const Volumes = z.array(z.object({ Name: z.string(), Labels, Mountpoint: z.string().default('') }));

/** Volumes that compose made for this stack, that no container has, and that no compose file of the checkout declares. */
export async function planVolumes(
  host: Host,
  containers: readonly Container[],
  { root, project }: Stack,
): Promise<readonly Removable[]> {
  const ran = await host.run('podman', 'volume', 'ls', '--format', 'json');
  const all = Volumes.safeParse(fromJson(ran?.stdout ?? '')).data ?? [];
  const kept = declared(host.at(root), project);
  // A checkout without compose files says of no volume that it is not needed.
  if (kept.length === 0) return [];
  const needed = new Set([...containers.flatMap(({ volumes }) => volumes), ...kept]);
  const orphans = all.filter(
    ({ Name, Labels: labels }) => labels['com.docker.compose.project'] === project && !needed.has(Name),
  );
  return orphans.map(({ Name, Mountpoint }) => ({
    kind: 'volume',
    name: Name,
    bytes: sizeOf(host.at(Mountpoint)),
    why: 'no container has it, and no compose file declares it',
    ...podmanCommand(host, 'volume', 'rm', Name),
  }));
}

function declared(root: string, project: string): readonly string[] {
  const files = globSync(['*.yaml', '*.yml', 'compose/*.yaml', 'compose/*.yml'], { cwd: root });
  return files.flatMap((file) => readVolumes(join(root, file))).map((name) => `${project}_${name}`);
}
