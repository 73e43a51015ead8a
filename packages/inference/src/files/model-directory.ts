import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { HubFile } from './hub.ts';
import { formatHubSource, type HubSource } from './model-source.ts';

/** What is known about a fetched file; lies beside it as `<file>.json`. */
export const Manifest = z.object({
  source: z.string(),
  repository: z.string(),
  commit: z.string(),
  sizeBytes: z.int().positive(),
  sha256: z.string(),
  license: z.string().nullable(),
  fetchedAt: z.iso.datetime(),
});
export type Manifest = z.infer<typeof Manifest>;

export interface StoredModel {
  readonly file: string;
  /** Below the directory, for people. */
  readonly name: string;
  readonly manifest: Manifest;
}

export function pathOf(
  directory: string,
  { repository, file }: Pick<HubFile, 'repository' | 'file'>,
): string {
  return join(directory, ...repository.split('/'), ...file.split('/'));
}

/** Every whole model of the directory. A file without a manifest was never finished, or is not ours. */
export async function listModels(directory: string): Promise<StoredModel[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  const found: StoredModel[] = [];
  for (const entry of entries.filter((name) => name.endsWith('.gguf.json')).sort()) {
    const file = join(directory, entry.slice(0, -'.json'.length));
    const manifest = await readManifest(file);
    const size = await stat(file).then(
      ({ size }) => size,
      () => undefined,
    );
    if (manifest !== undefined && size === manifest.sizeBytes) {
      found.push({ file, name: relative(directory, file), manifest });
    }
  }
  return found;
}

export interface UnfinishedFile {
  readonly file: string;
  readonly name: string;
  readonly sizeBytes: number;
}

/** What has come of files whose transfer goes on, or was given up. */
export async function listUnfinished(directory: string): Promise<UnfinishedFile[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  const names = entries.filter((name) => name.endsWith('.part')).sort();
  const files = names.map(async (name) => {
    const file = join(directory, name);
    const stats = await stat(file).catch(() => undefined); // whole by now
    return stats === undefined ? [] : [{ file, name, sizeBytes: stats.size }];
  });
  return (await Promise.all(files)).flat();
}

export async function findModel(directory: string, source: HubSource): Promise<StoredModel | undefined> {
  const wanted = formatHubSource(source);
  return (await listModels(directory)).find(({ manifest }) => manifest.source === wanted);
}

export async function writeManifest(file: string, source: HubSource, hub: HubFile): Promise<void> {
  const manifest: Manifest = {
    source: formatHubSource(source),
    repository: hub.repository,
    commit: hub.commit,
    sizeBytes: hub.sizeBytes,
    sha256: hub.sha256,
    license: hub.license ?? null,
    fetchedAt: new Date().toISOString(),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.json.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${file}.json.new`, `${file}.json`);
}

/** Reads the whole file again. */
export async function isIntact({ file, manifest }: StoredModel): Promise<boolean> {
  return (await hashFile(file)) === manifest.sha256;
}

export async function removeModel({ file }: Pick<StoredModel, 'file'>): Promise<void> {
  await rm(`${file}.json`, { force: true });
  await rm(file, { force: true });
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    return Manifest.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')));
  } catch {
    return undefined; // half-written or foreign: treated as not there, and fetched anew
  }
}
