import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { BY_UMASK, makeFolder } from '@xnai/service/make-folder';
import { z } from 'zod';
import { type FetchedSource, formatSource, pathOfObject } from './model-source.ts';
import type { FileHash, SourceFile } from './source-file.ts';

/** The facts about a fetched file, stored beside it as `<file>.json`. */
export const Manifest = z.object({
  source: z.string(),
  /** Of a hub. */
  repository: z.string().optional(),
  commit: z.string().optional(),
  /** Of an object store. */
  etag: z.string().optional(),
  sizeBytes: z.int().positive(),
  sha256: z.string(),
  license: z.string().nullable(),
  fetchedAt: z.iso.datetime(),
});
export type Manifest = z.infer<typeof Manifest>;

export interface StoredFile {
  readonly file: string;
  /** Path below the directory. */
  readonly name: string;
  readonly sizeBytes: number;
}

export interface StoredModel extends StoredFile {
  readonly manifest: Manifest;
}

/** Every complete model of the directory. A file without a manifest was never finished, or is not ours. */
export async function listModels(directory: string): Promise<StoredModel[]> {
  return (await listManifested(directory)).filter(
    ({ sizeBytes, manifest }) => sizeBytes === manifest.sizeBytes,
  );
}

/** Every file that was complete once, also those that were cut off since. */
export async function listManifested(directory: string): Promise<StoredModel[]> {
  const files = (await listFiles(directory, '.gguf.json')).map(async ({ file }) => {
    const model = file.slice(0, -'.json'.length);
    const [manifest, stats] = await Promise.all([readManifest(file), stat(model).catch(() => undefined)]);
    if (manifest === undefined || stats === undefined) return [];
    return [{ file: model, name: relative(directory, model), sizeBytes: stats.size, manifest }];
  });
  return (await Promise.all(files)).flat();
}

/** The parts of files whose transfer is running or was given up. */
export function listUnfinished(directory: string): Promise<StoredFile[]> {
  return listFiles(directory, '.part');
}

/** A part of a file that this source may mean: of a hub, any file of the repository. */
export async function findUnfinished(
  directory: string,
  source: FetchedSource,
): Promise<StoredFile | undefined> {
  const start = source.kind === 'hub' ? `${source.repository}/` : `${pathOfObject(source)}.`;
  return (await listUnfinished(directory)).find(({ name }) => name.startsWith(start));
}

export async function findModel(directory: string, source: FetchedSource): Promise<StoredModel | undefined> {
  const wanted = formatSource(source);
  return (await listModels(directory)).find(({ manifest }) => manifest.source === wanted);
}

export interface FetchedFacts extends Pick<SourceFile, 'origin' | 'sizeBytes' | 'license'> {
  /** Of the bytes on disk. */
  readonly sha256: string;
}

export async function writeManifest(
  file: string,
  source: FetchedSource,
  { origin, sizeBytes, license, sha256 }: FetchedFacts,
): Promise<void> {
  const facts = { source: formatSource(source), ...origin, sizeBytes, sha256 };
  const manifest: Manifest = { ...facts, license: license ?? null, fetchedAt: new Date().toISOString() };
  await makeFolder(dirname(file), BY_UMASK);
  await writeFile(`${file}.json.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${file}.json.new`, `${file}.json`);
}

/** Reads the complete file again, unless its size alone says that it is another. */
export async function isIntact({ file, sizeBytes, manifest }: StoredModel): Promise<boolean> {
  return sizeBytes === manifest.sizeBytes && (await hashFile(file)) === manifest.sha256;
}

export async function removeModel({ file }: Pick<StoredFile, 'file'>): Promise<void> {
  await rm(`${file}.json`, { force: true });
  await rm(file, { force: true });
}

/** @returns hexadecimal */
export async function hashFile(file: string, algorithm: FileHash['algorithm'] = 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function listFiles(directory: string, suffix: string): Promise<StoredFile[]> {
  const entries = await readdir(directory, { recursive: true }).catch(() => []);
  const names = entries.filter((name) => name.endsWith(suffix)).sort();
  const files = names.map(async (name) => {
    const file = join(directory, name);
    const stats = await stat(file).catch(() => undefined); // renamed or removed meanwhile
    return stats === undefined ? [] : [{ file, name, sizeBytes: stats.size }];
  });
  return (await Promise.all(files)).flat();
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    return Manifest.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // half-written or foreign: treated as missing, and fetched again
  }
}
