import { existsSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fingerprintOf, readSigningKey } from '@xnai/secrets';
import { makeFolder } from '@xnai/service/make-folder';
import { z } from 'zod';
import { listChainFiles, listWriters, readLines } from '../audit/chain-files.ts';
import { readHead } from '../audit/read-head.ts';
import { verifyAudit } from '../audit/verify.ts';
import { listSnapshots, Snapshots } from '../snapshots/index.ts';
import { hashOf, readSource, type Source } from './archive.ts';
import { BackupError } from './backup-error.ts';
import { FORMAT, type Manifest } from './manifest.ts';
import { productVersion } from './product-version.ts';
import type { StackPlaces } from './stack-places.ts';

/** Everything that a backup holds, opened. */
export interface Collected extends AsyncDisposable {
  readonly manifest: Manifest;
  readonly sources: readonly Source[];
}

/** Opens the parts of a stack, which may be running, and says what they are. */
export async function collectStack(places: StackPlaces): Promise<Collected> {
  await using opened = new AsyncDisposableStack();
  const add = async (path: string, file: string, bytes?: number): Promise<Source> => {
    const handle: FileHandle = opened.use(await open(file));
    return { path, handle, bytes: bytes ?? (await handle.stat()).size };
  };
  const snapshot = await newestSnapshot(places, opened);
  const heads = await auditHeads(places.audit.folder);
  const index = describeIndex(snapshot.path);
  const schedules = await countSchedules(places.schedules);
  const sources = [
    await add('index.sqlite', snapshot.path),
    await add('keys.json', places.keys),
    await add('audit-key', places.audit.keyFile),
    ...(schedules === undefined ? [] : [await add('schedules.json', places.schedules)]),
    ...(await addAudit(places.audit.folder, add)),
    ...(await addRedis(places.redis, add)),
  ];
  const files = [];
  for (const source of sources) files.push({ path: source.path, ...(await hashOf(readSource(source))) });
  const key = await readSigningKey(places.audit.keyFile);
  const { findings } = await verifyAudit(places.audit.folder, { key });
  const manifest: Manifest = {
    format: FORMAT,
    version: await productVersion(),
    stack: fingerprintOf(key),
    createdAt: new Date().toISOString(),
    index: { takenAt: snapshot.takenAt.toISOString(), ...index },
    schedules: schedules ?? 0,
    audit: heads,
    auditFaults: findings.map(({ writer, at = writer, text }) => `${at}: ${text}`),
    files,
  };
  const resources = opened.move();
  return { manifest, sources, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

type Add = (path: string, file: string, bytes?: number) => Promise<Source>;

/** Of the service, or made here where it makes none. */
async function newestSnapshot({ dataDir, index, snapshots }: StackPlaces, opened: AsyncDisposableStack) {
  if (snapshots !== undefined) {
    const [newest] = await listSnapshots(snapshots);
    if (newest !== undefined) return newest;
    throw new BackupError('NOTHING', {
      detail: `There is no snapshot in ${snapshots} yet: rag makes one when a document is there`,
    });
  }
  const folder = join(dataDir, '.index-copy');
  await makeFolder(folder);
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const own = opened.use(await Snapshots.open({ index, folder, keep: 1 }));
  const taken = await own.take().catch((cause: unknown) => {
    throw new BackupError('NOTHING', {
      detail: `The index ${index} cannot be copied: ${(cause as Error).message}`,
      cause,
    });
  });
  const [newest] = taken === undefined ? await listSnapshots(folder) : [taken];
  if (newest === undefined) throw new BackupError('NOTHING', { detail: `There is no index at ${index}` });
  return newest;
}

const Schedules = z.object({ schedules: z.array(z.unknown()) });

/** Undefined: there is no file of schedules. */
async function countSchedules(file: string): Promise<number | undefined> {
  try {
    return Schedules.parse(JSON.parse(await readFile(file, 'utf8'))).schedules.length;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const fault = code === undefined ? 'is no file of schedules' : `cannot be read (${code})`;
    throw new BackupError('TORN', { detail: `${file} ${fault}: mend it, or move it away`, cause });
  }
}

async function auditHeads(folder: string): Promise<Manifest['audit']> {
  const writers = await listWriters(folder);
  const heads = await Promise.all(
    writers.map(async (name) => [name, await readHead(join(folder, name))] as const),
  );
  return Object.fromEntries(heads);
}

async function addAudit(folder: string, add: Add): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const writer of await listWriters(folder)) {
    for (const file of await listChainFiles(join(folder, writer))) {
      const { sizeBytes } = await readLines(file);
      sources.push(await add(`audit/${writer}/${file.name}`, file.path, sizeBytes));
    }
  }
  return sources;
}

const REWRITES_MET = 5;

/**
 * The append-only file in its parts. Redis cuts off what was not written to its end when it loads them. While they are
 * opened, Redis may put new parts in their place.
 */
async function addRedis(folder: string, add: Add): Promise<readonly Source[]> {
  for (let rewrites = 0; ; rewrites++) {
    const sources = await openParts(folder, add);
    if (sources !== undefined) return sources;
    if (rewrites === REWRITES_MET)
      throw new BackupError('TORN', {
        detail: `The parts of the append-only file in ${folder} do not fit together`,
      });
  }
}

/** Undefined when the parts have changed meanwhile: their list (the manifest) names one that was not opened. */
async function openParts(folder: string, add: Add): Promise<readonly Source[] | undefined> {
  try {
    const paths = await listParts(folder);
    const sources = await Promise.all(
      paths.map((path) => add(`redis/${path.slice(folder.length + 1)}`, path)),
    );
    const lists = sources.filter(({ path }) => path.endsWith('.manifest'));
    const named = (await Promise.all(lists.map(namesIn))).flat();
    return named.every((name) => paths.some((path) => basename(path) === name)) ? sources : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function listParts(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && /^(?!temp-).*\.(aof|rdb|manifest)$/.test(entry.name),
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => !path.includes('.before-restore-')).sort();
}

/** Lines of a manifest: `file appendonly.aof.1.base.rdb seq 1 type b`. */
async function namesIn(manifest: Source): Promise<readonly string[]> {
  const chunks = await Array.fromAsync(readSource(manifest));
  return Array.from(
    Buffer.concat(chunks)
      .toString()
      .matchAll(/^file (\S+) /gm),
    ([, name]) => name ?? '',
  );
}

function describeIndex(path: string) {
  using db = new DatabaseSync(path, { readOnly: true });
  const sums =
    'count(*) AS collections, coalesce(sum(documents), 0) AS documents, coalesce(sum(chunks), 0) AS chunks';
  const row = db.prepare(`SELECT ${sums} FROM collections`).get() ?? {};
  const format = db.prepare('PRAGMA user_version').get()?.['user_version'];
  const { collections, documents, chunks } = row;
  return {
    format: Number(format),
    collections: Number(collections),
    documents: Number(documents),
    chunks: Number(chunks),
  };
}
