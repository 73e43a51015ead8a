import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelLog, ModelRole, ModelState } from '../model.ts';
import { isUnreachable } from './fetch-error.ts';
import { fetchFile } from './fetch-file.ts';
import { readFetchNote } from './fetch-note.ts';
import { type FindOptions, findFile } from './find-file.ts';
import { findModel, findUnfinished, writeManifest } from './model-directory.ts';
import { BRINGS, MEANWHILE, statusWithout } from './model-purpose.ts';
import { type FetchedSource, formatSource, type ModelSource } from './model-source.ts';
import { describeNextTry, nextTryMs } from './next-try.ts';

export interface FetchModelOptions extends FindOptions {
  /** Undefined when no role is known for it. */
  readonly role?: ModelRole | undefined;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly log: ModelLog;
  /** Receives the state of a model whose file is not there yet. */
  readonly say: (state: ModelState) => void;
}

export interface ProvideOptions extends FetchModelOptions {
  readonly role: ModelRole;
  /** False where another process fills the directory: the file is waited for, and the network is not used. */
  readonly mayFetch: boolean;
  readonly lookEveryMs: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

type PresentSource = Exclude<ModelSource, { kind: 'none' }>;

/**
 * Waits until the model's file is there, fetching it when that is allowed, and returns its path. Rejects only with the
 * signal's reason: an obstacle is logged once, and the next attempt follows after {@link nextTryMs}. A file that a
 * person or another process puts there meanwhile is noticed within `lookEveryMs`.
 */
export async function provideModel(source: PresentSource, options: ProvideOptions): Promise<string> {
  const { directory, lookEveryMs, signal, sleep = (ms) => delay(ms, undefined, { signal }) } = options;
  let failures = 0;
  let restMs = 0;
  for (;;) {
    const file = await locate(source, directory);
    if (file !== undefined) return file;
    if (source.kind === 'path' || !options.mayFetch) {
      await sayWaiting(source, options, failures++);
    } else if (restMs <= 0) {
      const fetched = await fetchModel(source, options).catch((error: Error) => error);
      if (typeof fetched === 'string') return fetched;
      signal.throwIfAborted();
      restMs = nextTryMs(fetched, failures++);
      sayFailure(source, options, { error: fetched, nextMs: restMs, isFirst: failures === 1 });
    }
    await sleep(lookEveryMs, signal);
    restMs -= lookEveryMs;
  }
}

/**
 * Fetches one model now and returns the path of its file.
 *
 * @throws {ModelFetchError} when it cannot be fetched
 */
export async function fetchModel(
  source: FetchedSource,
  { role, directory, endpoint, objectStore, signal, log, say }: FetchModelOptions,
): Promise<string> {
  const found = await findFile(source, { endpoint, objectStore, signal });
  const { path, url: from, sizeBytes, license = 'not stated', hash } = found;
  const [file, to] = [basename(path), join(directory, path)];
  const brings = role && BRINGS[role];
  log.info({ file, from, bytes: sizeBytes, license, to, brings }, 'fetching a model in the background');
  say({ status: 'fetching', detail: `${file} (${describeSize(sizeBytes)})`, progress: 0 });
  let reported = 0;
  const sha256 = await fetchFile(found, to, {
    signal,
    onProgress(bytes) {
      const progress = bytes / sizeBytes;
      const percent = Math.floor(progress * 100);
      const detail = `${percent} % of ${file} (${describeSize(sizeBytes)})`;
      say({ status: 'fetching', detail, progress });
      if (percent < reported + 10 || percent === 100) return;
      reported = percent - (percent % 10);
      log.info({ file, percent: reported }, 'fetching a model');
    },
  });
  await writeManifest(to, source, { ...found, sha256 });
  if (hash === undefined)
    log.warn(
      { file, sha256 },
      'the model is fetched, and only its size was compared: its source states no hash',
    );
  else log.info({ file, sha256 }, 'the model is fetched and has the stated hash');
  return to;
}

function describeSize(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

async function locate(source: PresentSource, directory: string): Promise<string | undefined> {
  if (source.kind !== 'path') return (await findModel(directory, source))?.file;
  const stats = await stat(source.file).catch(() => undefined);
  return stats?.isFile() ? source.file : undefined;
}

async function sayWaiting(source: PresentSource, options: ProvideOptions, looks: number): Promise<void> {
  const state: ModelState =
    source.kind === 'path'
      ? { status: 'down', detail: await obstacle(source.file) }
      : await progressOfOthers(source, options, looks);
  options.say(state);
  const fields = { reason: state.detail, meanwhile: MEANWHILE[options.role] };
  if (looks === 0) options.log.warn(fields, 'the model file is not there');
}

/** After this number of looks without any sign of a fetch, no process is taken to be fetching the file. */
const LOOKS_FOR_A_SIGN = 60;

/** Progress of the process that fetches the file instead of this one. */
async function progressOfOthers(
  source: FetchedSource,
  { directory, role }: ProvideOptions,
  looks: number,
): Promise<ModelState> {
  const wanted = formatSource(source);
  const part = await findUnfinished(directory, source);
  const note = await readFetchNote(directory, source);
  if (note !== undefined) {
    return { status: statusWithout(role, note.isUnreachable), detail: `${wanted}: ${note.reason}` };
  }
  if (part !== undefined)
    return { status: 'fetching', detail: `${describeSize(part.sizeBytes)} of ${wanted} are there` };
  const detail = `there is no ${wanted} in ${directory} yet`;
  return { status: looks < LOOKS_FOR_A_SIGN ? 'fetching' : 'down', detail };
}

async function obstacle(file: string): Promise<string> {
  return stat(file).then(
    (stats) =>
      `${file} is ${stats.isDirectory() ? 'a directory' : 'not a regular file'}: a GGUF file is wanted`,
    ({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' ? `there is no ${file} yet` : `${file} cannot be examined (${code})`,
  );
}

interface Failure {
  readonly error: Error;
  readonly nextMs: number;
  readonly isFirst: boolean;
}

function sayFailure(
  source: FetchedSource,
  { log, say, role }: ProvideOptions,
  { error, nextMs, isFirst }: Failure,
): void {
  const status = statusWithout(role, isUnreachable(error));
  say({ status, detail: `${error.message}; ${describeNextTry(nextMs)}` });
  const fields = { model: formatSource(source), reason: error.message, nextTryMs: nextMs };
  if (isFirst) log.warn({ ...fields, meanwhile: MEANWHILE[role] }, 'the model cannot be fetched');
  else log.debug(fields, 'the model still cannot be fetched');
}
