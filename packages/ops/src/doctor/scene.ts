import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Host } from '../host/host.ts';
import { askPodman, type Container, isOfStack, type Podman } from '../podman/podman.ts';
import { findRun, type Run, runBases } from '../runs/runs.ts';
import type { Finding } from './finding.ts';

/** All that a check looks at. */
export interface Scene {
  readonly host: Host;
  readonly podman: Podman;
  /** The checkout of the stack. */
  readonly root: string;
  /** What `.env` and the environment say; the environment comes first. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** The name that compose gives the stack. */
  readonly project: string;
  /** The folder of a stack without containers. */
  readonly dataDir: string;
  /** The containers of this stack. */
  readonly containers: readonly Container[];
  /** Whether this runs in one of the containers itself. */
  readonly isInside: boolean;
  readonly verifyModels: VerifyModels;
}

/** Reads every model file of a folder; given, so that the services do not need what reads models. */
export type VerifyModels = (folder: {
  readonly directory: string;
}) => Promise<readonly { readonly name: string; readonly isIntact: boolean }[]>;

export interface SceneOptions {
  /** The checkout. */
  readonly root: string;
  readonly verifyModels: VerifyModels;
}

export type Check = (scene: Scene) => readonly Finding[] | Promise<readonly Finding[]>;

export async function openScene(host: Host, { root, verifyModels }: SceneOptions): Promise<Scene> {
  const isInside = host.has('/run/.containerenv');
  const podman: Podman = isInside ? { kind: 'absent' } : await askPodman(host);
  const given = { ...parseEnv(host.read(join(root, '.env')) ?? ''), ...host.env };
  const dataDir = resolve(root, given['XNAI_DATA_DIR'] || './data');
  const settings = { ...portsOf(await findRun(runBases(host.env), dataDir)), ...given };
  const project = settings['COMPOSE_PROJECT_NAME'] || 'xnai';
  const all = podman.kind === 'works' ? podman.containers : [];
  return {
    host,
    podman,
    root,
    settings,
    project,
    dataDir,
    containers: all.filter(({ labels }) => isOfStack(labels, project)),
    isInside,
    verifyModels,
  };
}

export function runs({ containers }: Scene): boolean {
  return containers.some(({ state }) => state === 'running');
}

/** A stack without containers says itself where it listens. */
function portsOf(run: Run | undefined): Readonly<Record<string, string>> {
  if (run?.addresses === undefined) return {};
  const { rag, crawler } = run.addresses;
  return { RAG_PORT: new URL(rag).port, CRAWL_PORT: new URL(crawler).port };
}
