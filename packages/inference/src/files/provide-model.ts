import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelState } from '../model.ts';
import type { ModelLog } from '../model-log.ts';
import { fetchFile } from './fetch-file.ts';
import { findHubFile, type HubFile } from './hub.ts';
import { findModel, listUnfinished, pathOf, writeManifest } from './model-directory.ts';
import { formatHubSource, type HubSource, type ModelSource } from './model-source.ts';
import { describeNextTry, nextTryMs } from './next-try.ts';

export interface ProvideOptions {
  readonly directory: string;
  readonly endpoint: string;
  /** False where another process fills the directory: the file is waited for, nothing is asked of the network. */
  readonly mayFetch: boolean;
  readonly signal: AbortSignal;
  readonly log: ModelLog;
  readonly say: (state: ModelState) => void;
  readonly lookEveryMs: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

type PresentSource = Exclude<ModelSource, { kind: 'none' }>;

/**
 * Waits until the model's file is there, fetching it when that is wanted, and gives its path. Never rejects but by
 * the signal: what stands in the way is said once, then tried again at growing intervals, from half a minute to six
 * hours. What a person or another process puts there meanwhile is noticed.
 */
export async function provideModel(source: PresentSource, options: ProvideOptions): Promise<string> {
  const { directory, lookEveryMs, signal, sleep = pause } = options;
  const attempt = createAttempts(source, options);
  for (;;) {
    const file = (await locate(source, directory)) ?? (await attempt());
    if (file !== undefined) return file;
    await sleep(lookEveryMs, signal);
  }
}

/** Fetches one model now. Throws {@link FetchError}. */
export async function fetchModel(
  source: HubSource,
  { directory, endpoint, signal, log, say }: Omit<ProvideOptions, 'mayFetch' | 'lookEveryMs' | 'sleep'>,
): Promise<string> {
  const hub = await findHubFile(source, { endpoint, signal });
  const target = pathOf(directory, hub);
  const size = gigabytes(hub.sizeBytes);
  const fields = {
    file: hub.file,
    from: hub.url,
    bytes: hub.sizeBytes,
    license: hub.license ?? 'not stated',
    to: target,
  };
  log.info(fields, 'fetching a model in the background');
  const progress = createProgress(hub, (percent) =>
    log.info({ file: hub.file, percent }, 'fetching a model'),
  );
  await fetchFile(hub, target, {
    signal,
    onProgress(bytes) {
      progress(bytes);
      const share = bytes / hub.sizeBytes;
      say({
        status: 'fetching',
        detail: `${Math.floor(share * 100)} % of ${hub.file} (${size})`,
        progress: share,
      });
    },
  });
  await writeManifest(target, source, hub);
  log.info({ file: hub.file, sha256: hub.sha256 }, 'the model is fetched and has the stated hash');
  return target;
}

/** To be called every `lookEveryMs`: fetches when it is time to, and says why there is no file yet. */
function createAttempts(source: PresentSource, options: ProvideOptions): () => Promise<string | undefined> {
  let failures = 0;
  let restMs = 0;
  return async () => {
    if (source.kind === 'path' || !options.mayFetch) {
      await sayWaiting(source, options, failures++ === 0);
      return undefined;
    }
    restMs -= options.lookEveryMs;
    if (restMs > 0) return undefined;
    try {
      return await fetchModel(source, options);
    } catch (error) {
      options.signal.throwIfAborted();
      restMs = nextTryMs(error, failures++);
      sayFailure(source, options, { error: error as Error, nextMs: restMs, isFirst: failures === 1 });
      return undefined;
    }
  };
}

async function locate(source: PresentSource, directory: string): Promise<string | undefined> {
  if (source.kind === 'hub') return (await findModel(directory, source))?.file;
  return stat(source.file).then(
    (stats) => (stats.isFile() ? source.file : undefined),
    () => undefined,
  );
}

async function sayWaiting(source: PresentSource, options: ProvideOptions, isFirst: boolean): Promise<void> {
  const state: ModelState =
    source.kind === 'path'
      ? { status: 'down', detail: await obstacle(source.file) }
      : await othersProgress(source, options.directory);
  options.say(state);
  const fields = { reason: state.detail };
  if (isFirst) options.log.warn(fields, 'the model file is not there; answers are extractive until it is');
}

/** Of the process that fetches instead of this one. */
async function othersProgress(source: HubSource, directory: string): Promise<ModelState> {
  const wanted = formatHubSource(source);
  const parts = await listUnfinished(directory);
  const part = parts.find(({ name }) => name.startsWith(`${source.repository}/`));
  if (part === undefined) return { status: 'down', detail: `there is no ${wanted} in ${directory} yet` };
  return { status: 'fetching', detail: `${gigabytes(part.sizeBytes)} of ${wanted} are there` };
}

async function obstacle(file: string): Promise<string> {
  return stat(file).then(
    (stats) =>
      `${file} is ${stats.isDirectory() ? 'a directory' : 'not a regular file'}: a GGUF file is wanted`,
    ({ code }: NodeJS.ErrnoException) =>
      code === 'ENOENT' ? `there is no ${file} yet` : `${file} cannot be looked at (${code})`,
  );
}

interface Failure {
  readonly error: Error;
  readonly nextMs: number;
  readonly isFirst: boolean;
}

function sayFailure(
  source: HubSource,
  { log, say }: ProvideOptions,
  { error, nextMs, isFirst }: Failure,
): void {
  const detail = `${error.message}; ${describeNextTry(nextMs)}`;
  say({ status: 'down', detail });
  const fields = { model: formatHubSource(source), reason: error.message, nextTryMs: nextMs };
  if (isFirst) log.warn(fields, 'the model cannot be fetched; answers are extractive until it can');
  else log.debug(fields, 'the model still cannot be fetched');
}

function createProgress(hub: HubFile, report: (percent: number) => void): (bytes: number) => void {
  let reported = 0;
  return (bytes) => {
    const percent = Math.floor((bytes / hub.sizeBytes) * 10) * 10;
    if (percent <= reported || percent >= 100) return;
    reported = percent;
    report(percent);
  };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}
