import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readVolumes } from '@xnai/compose-lint/facts';
import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { type Container, fromJson, Labels } from '../podman/podman.ts';
import type { Stack } from './containers.ts';
import { sizeOf } from './files.ts';
import type { Plan, Removable } from './item.ts';
import { podmanCommand } from './podman-command.ts';

const Volumes = z.array(z.object({ Name: z.string(), Labels, Mountpoint: z.string().default('') }));

/** Volumes that compose made for this stack, that no container has, and that no compose file of it declares. */
export async function planVolumes(
  host: Host,
  containers: readonly Container[],
  stack: Stack,
): Promise<Pick<Plan, 'data' | 'notes'>> {
  const kept = declared(host, stack);
  if (typeof kept === 'string') return { data: [], notes: [`volumes are left alone: ${kept}`] };
  const ran = await host.run('podman', 'volume', 'ls', '--format', 'json');
  const all = Volumes.safeParse(fromJson(ran?.stdout ?? '')).data ?? [];
  const needed = new Set([...containers.flatMap(({ volumes }) => volumes), ...kept]);
  const orphans = all.filter(
    ({ Name, Labels: labels }) => labels['com.docker.compose.project'] === stack.project && !needed.has(Name),
  );
  const data = orphans.map(
    ({ Name, Mountpoint }): Removable => ({
      kind: 'volume',
      name: Name,
      bytes: sizeOf(host.at(Mountpoint)),
      why: 'no container has it, and no compose file declares it',
      ...podmanCommand(host, 'volume', 'rm', Name),
    }),
  );
  return { data, notes: [] };
}

/** The volumes of all compose files that may be in use; or why nobody can say which. */
function declared(host: Host, { root, project, composeFiles }: Stack): readonly string[] | string {
  const patterns = ['*.yaml', '*.yml', 'compose/*.yaml', 'compose/*.yml'];
  const found = patterns.flatMap((pattern) => globSync(host.at(join(root, pattern))));
  const files = [...found, ...composeFiles.map((file) => host.at(resolve(root, file)))];
  if (found.length === 0) return `there is no compose file in ${root}`;
  try {
    return files.flatMap(readVolumes).map((name) => `${project}_${name}`);
  } catch (error) {
    return (error as Error).message;
  }
}
