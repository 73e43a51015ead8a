import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Env, env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { type ModelsConfig, modelsConfig, modelVariables } from './config.ts';
import { isUnreachable, ModelFetchError } from './files/fetch-error.ts';
import { removeFetchNote, writeFetchNote } from './files/fetch-note.ts';
import {
  findModel,
  isIntact,
  listManifested,
  listModels,
  listUnfinished,
  removeModel,
} from './files/model-directory.ts';
import {
  type FetchedSource,
  formatSource,
  type ModelSource,
  parseModelSource,
} from './files/model-source.ts';
import { describeNextTry, LAST_TRY_MS, nextTryMs } from './files/next-try.ts';
import { fetchModel } from './files/provide-model.ts';
import type { ModelLog, ModelRole } from './model.ts';

/** The folder in which the model files are, with the models that the configuration names. */
export interface ModelFolder
  extends Pick<ModelsConfig, 'sources' | 'endpoint' | 'objectStore' | 'directory'> {
  readonly quantization: string;
}

/** @param from.root base of relative directories */
export function readModelFolder({ env: from, root }: { env?: Env; root: string }): ModelFolder {
  const schema = z.object({ XNAI_DATA_DIR: env.text().default('./data'), ...modelVariables });
  const vars = readConfig(schema, from === undefined ? {} : { env: from });
  const { sources, endpoint, objectStore, directory } = modelsConfig(vars);
  const { GGUF_QUANTIZATION: quantization } = vars;
  return { sources, endpoint, objectStore, directory: resolve(root, directory), quantization };
}

export interface ModelFile {
  /** The path in the folder. */
  readonly name: string;
  readonly bytes: number;
  /** null where the source states none. */
  readonly license: string | null;
  readonly source: string;
}

export async function listModelFiles({ directory }: ModelFolder): Promise<readonly ModelFile[]> {
  const models = await listModels(directory);
  return models.map(({ name, sizeBytes, manifest: { license, source } }) => ({
    name,
    bytes: sizeBytes,
    license,
    source,
  }));
}

/** Files whose fetch has not ended. */
export async function listUnfinishedFiles({ directory }: ModelFolder) {
  const files = await listUnfinished(directory);
  return files.map(({ name, sizeBytes }) => ({ name, bytes: sizeBytes }));
}

/** Reads every file and compares its hash. */
export async function verifyModelFiles({ directory }: Pick<ModelFolder, 'directory'>) {
  const verdicts: { name: string; isIntact: boolean }[] = [];
  for (const model of await listManifested(directory))
    verdicts.push({ name: model.name, isIntact: await isIntact(model) });
  return verdicts;
}

/** @param wanted a name as listed, or a source; @returns the name of the removed file; undefined when there is none */
export async function removeModelFile(
  wanted: string,
  { directory }: ModelFolder,
): Promise<string | undefined> {
  const models = await listManifested(directory);
  const model = models.find(({ name, manifest }) => name === wanted || manifest.source === wanted);
  const found = model ?? (await listUnfinished(directory)).find(({ name }) => name === wanted);
  if (found !== undefined) await removeModel(found);
  return found?.name;
}

export interface PullOptions {
  /** Whether to try again, after growing pauses, until the files are there. */
  readonly isWaiting: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The file of a model, or why it could not be fetched. */
export interface PulledModel {
  readonly source: string;
  readonly file?: string;
  readonly failure?: string;
}

/**
 * Fetches a model, or those that the configuration names.
 *
 * @param wanted `hf:user/name[:QUANT]` or `s3://bucket/key.gguf`
 * @returns the models up to the first that cannot be fetched; with `isWaiting` all, which do not wait for each other
 * @throws {RangeError} when `wanted` is not understood
 */
export async function pullModels(
  wanted: string | undefined,
  folder: ModelFolder,
  options: PullOptions,
): Promise<readonly PulledModel[]> {
  const all = wantedModels(wanted, folder);
  if (options.isWaiting) return Promise.all(all.map((model) => pull(model, folder, options)));
  const pulled: PulledModel[] = [];
  for (const model of all) {
    const result = await pull(model, folder, options);
    pulled.push(result);
    if (result.failure !== undefined) break;
  }
  return pulled;
}

interface WantedModel {
  readonly source: FetchedSource;
  readonly role?: ModelRole;
}

function wantedModels(wanted: string | undefined, folder: ModelFolder): readonly WantedModel[] {
  if (wanted === undefined) {
    const roles: readonly ModelRole[] = ['generate', 'embed', 'rerank'];
    return roles.flatMap((role) => {
      const source = folder.sources[role];
      return isFetched(source) ? [{ role, source }] : [];
    });
  }
  const source = parseModelSource(wanted, folder.quantization);
  if (isFetched(source)) return [{ source }];
  throw new RangeError(
    `"${wanted}" is not of the form hf:user/name[:QUANT] or s3://bucket/key.gguf: nothing to fetch.`,
  );
}

function isFetched(source: ModelSource): source is FetchedSource {
  return source.kind === 'hub' || source.kind === 'object';
}

async function pull(model: WantedModel, folder: ModelFolder, options: PullOptions): Promise<PulledModel> {
  const { source } = model;
  const name = formatSource(source);
  const { signal, isWaiting, sleep = (ms) => delay(ms, undefined, { signal }) } = options;
  for (let failures = 0; ; failures++) {
    const found = await findModel(folder.directory, source);
    const fetched = found?.file ?? (await fetchNow(model, folder, options));
    if (typeof fetched === 'string') {
      await removeFetchNote(folder.directory, source);
      return { source: name, file: fetched };
    }
    if (!isWaiting) return { source: name, failure: fetched.message };
    const nextMs = Math.min(nextTryMs(fetched, failures), LAST_TRY_MS);
    const reason = `${fetched.message}; ${describeNextTry(nextMs)}`;
    options.say(`${name}: ${reason}`);
    await writeFetchNote(folder.directory, source, { isUnreachable: isUnreachable(fetched), reason });
    await sleep(nextMs, signal);
  }
}

async function fetchNow(
  { source, role }: WantedModel,
  folder: ModelFolder,
  { say, signal }: PullOptions,
): Promise<string | ModelFetchError> {
  try {
    return await fetchModel(source, { ...folder, role, signal, log: lineLog(say), say: () => undefined });
  } catch (error) {
    if (error instanceof ModelFetchError) return error;
    throw error;
  }
}

function lineLog(say: (line: string) => void): ModelLog {
  const write = (fields: object, message: string) => {
    const told = Object.entries(fields).filter(([, value]) => value !== undefined);
    const texts = told.map(([name, value]) => `${name} ${value}`);
    say(`${message}: ${texts.join(', ')}`);
  };
  return { debug: () => undefined, info: write, warn: write, error: write };
}
