import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { fromJson, Labels } from './podman.ts';

const Listed = z.object({
  Id: z.string(),
  ParentId: z.string().nullish(),
  Names: z.array(z.string()).nullish(),
  Labels,
  /** Seconds since 1970. */
  Created: z.number().default(0),
});

export interface Image {
  readonly id: string;
  readonly parent: string | undefined;
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly createdMs: number;
}

/** All images of this user, the intermediate ones of builds too; undefined when Podman does not list them. */
export async function listImages(host: Host): Promise<readonly Image[] | undefined> {
  const ran = await host.run('podman', 'images', '--all', '--no-trunc', '--format', 'json');
  const images = z.array(Listed).safeParse(fromJson(ran?.stdout ?? ''));
  return images.data?.map(({ Id, ParentId, Names, Labels: labels, Created }) => ({
    id: bare(Id),
    parent: ParentId ? bare(ParentId) : undefined,
    names: Names ?? [],
    labels,
    createdMs: Created * 1000,
  }));
}

const Used = z.object({
  Id: z.string(),
  ImageID: z.string().default(''),
  State: z.string().default(''),
  Created: z.number().default(0),
});

/** A container of any kind, and what it is made from. */
export interface Use {
  readonly id: string;
  readonly image: string;
  /** Of a build, that runs or was cut off. */
  readonly isOfBuild: boolean;
  readonly createdMs: number;
}

export async function listUses(host: Host): Promise<readonly Use[] | undefined> {
  const ran = await host.run('podman', 'ps', '--all', '--external', '--no-trunc', '--format', 'json');
  const used = z.array(Used).safeParse(fromJson(ran?.stdout ?? ''));
  return used.data?.map(({ Id, ImageID, State, Created }) => ({
    id: Id,
    image: bare(ImageID),
    isOfBuild: /storage|external/i.test(State),
    createdMs: Created * 1000,
  }));
}

function bare(id: string): string {
  return id.replace(/^sha256:/, '');
}
