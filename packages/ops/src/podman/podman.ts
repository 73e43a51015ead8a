import { z } from 'zod';
import type { Host, Ran } from '../host/host.ts';

const Info = z.object({
  host: z.object({
    cgroupVersion: z.string().default(''),
    cgroupControllers: z.array(z.string()).nullish(),
    networkBackend: z.string().default(''),
    networkBackendInfo: z.object({ dns: z.object({ path: z.string().optional() }).optional() }).optional(),
    security: z.object({ rootless: z.boolean() }),
  }),
  store: z.object({ graphRoot: z.string(), volumePath: z.string().default('') }),
  version: z.object({ Version: z.string() }),
});
export type PodmanInfo = z.infer<typeof Info>;

export const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

const ContainerInspect = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  ImageName: z.string().default(''),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number().default(0),
    OOMKilled: z.boolean().default(false),
    Health: z.object({ Status: z.string().default('') }).nullish(),
  }),
  Config: z.object({ Labels }),
  Mounts: z
    .array(z.object({ Type: z.string().default(''), Name: z.string().default('') }))
    .nullish()
    .transform((mounts) => mounts ?? []),
});

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `running`, `exited`, `created`, … */
  readonly state: string;
  readonly exitCode: number;
  readonly wasOutOfMemory: boolean;
  /** `healthy`, `unhealthy`, `starting`; undefined without a health check. */
  readonly health: string | undefined;
  readonly volumes: readonly string[];
}

/** What this user's Podman says. */
export type Podman =
  | { readonly kind: 'absent' }
  /** It is installed and does not work. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'works'; readonly info: PodmanInfo; readonly containers: readonly Container[] };

export async function askPodman(host: Host): Promise<Podman> {
  const info = await host.run('podman', 'info', '--format', 'json');
  if (info === undefined) return { kind: 'absent' };
  if (info.code !== 0) return { kind: 'broken', reason: lastLine(info) };
  const parsed = Info.safeParse(fromJson(info.stdout));
  if (!parsed.success) return { kind: 'broken', reason: '`podman info` prints what is not understood here' };
  return { kind: 'works', info: parsed.data, containers: await listContainers(host) };
}

/** All of this user; none where there is no Podman. */
export async function listContainers(host: Host): Promise<readonly Container[]> {
  const ids = (await host.run('podman', 'ps', '--all', '--quiet', '--no-trunc'))?.stdout
    .split('\n')
    .filter(Boolean);
  if (ids === undefined || ids.length === 0) return [];
  const inspected = await host.run('podman', 'container', 'inspect', ...ids);
  const parsed = z.array(ContainerInspect).safeParse(fromJson(inspected?.stdout ?? ''));
  return parsed.success ? parsed.data.map(toContainer) : [];
}

function toContainer(raw: z.infer<typeof ContainerInspect>): Container {
  return {
    id: raw.Id,
    name: raw.Name,
    imageId: raw.Image,
    imageName: raw.ImageName,
    labels: raw.Config.Labels,
    state: raw.State.Status,
    exitCode: raw.State.ExitCode,
    wasOutOfMemory: raw.State.OOMKilled,
    health: raw.State.Health?.Status || undefined,
    volumes: raw.Mounts.filter(({ Type }) => Type === 'volume').map(({ Name }) => Name),
  };
}

/** The label that the images of this stack carry, and the containers of these images. Its value names the image. */
export const IMAGE_LABEL = 'io.xoe-novai.image';
const PROJECT_LABELS = ['com.docker.compose.project', 'io.podman.compose.project'];

/** Whether labels say that something belongs to this stack: made from its images, or by compose under its name. */
export function isOfStack(labels: Readonly<Record<string, string>>, project: string): boolean {
  return IMAGE_LABEL in labels || isOfProject(labels, project);
}

/** Whether a container is one of this project, and not of another one with the same images. */
export function isOfProject(labels: Readonly<Record<string, string>>, project: string): boolean {
  return PROJECT_LABELS.some((label) => labels[label] === project) || unitOf(labels, project) !== undefined;
}

/** The unit of systemd that a container is. podman-compose labels its containers with one that need not exist. */
export function unitOf(labels: Readonly<Record<string, string>>, project: string): string | undefined {
  const unit = labels['PODMAN_SYSTEMD_UNIT'];
  return unit?.startsWith(`${project}-`) === true ? unit : undefined;
}

/** The service of compose, or of the unit, that a container is: `rag`. */
export function serviceOf({ labels, name }: Pick<Container, 'labels' | 'name'>, project: string): string {
  const ofUnit = unitOf(labels, project)
    ?.replace(/\.service$/, '')
    .slice(project.length + 1);
  return labels['com.docker.compose.service'] ?? ofUnit ?? name;
}

export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function lastLine({ stdout, stderr }: Ran): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n');
  return (lines.at(-1) ?? '').replace(/^Error: /, '').slice(0, 300);
}
