import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Env, env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { type ModelsConfig, modelsConfig, modelVariables } from './config.ts';
import { ModelFetchError } from './files/fetch-error.ts';
import { removeFetchNote, writeFetchNote } from './files/fetch-note.ts';
import { findModel, isIntact, listModels, listUnfinished, removeModel } from './files/model-directory.ts';
import { formatHubSource, type HubSource, parseModelSource } from './files/model-source.ts';
import { describeNextTry, LAST_TRY_MS, nextTryMs } from './files/next-try.ts';
import { fetchModel, gigabytes } from './files/provide-model.ts';
import type { ModelLog } from './model.ts';

export interface ModelsCommandOptions {
  readonly env?: Env;
  /** Base of relative directories. */
  readonly root: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const MODELS_USAGE = `Usage:
  npm run models -- list
  npm run models -- pull [hf:user/name[:QUANT]]   without a name: the models that the configuration names
    --wait                                        tries again after growing pauses until the files are there
  npm run models -- verify                        reads every file and compares its hash
  npm run models -- rm NAME                       a name as list prints it`;

/** Runs `npm run models` and returns its exit code: 0 done, 1 failed, 2 not understood. */
export async function runModelsCommand(
  args: readonly string[],
  options: ModelsCommandOptions,
): Promise<number> {
  const isWaiting = args[0] === 'pull' && args.includes('--wait');
  const [command, operand, ...rest] = args.filter((arg) => !(isWaiting && arg === '--wait'));
  const context = { ...options, ...readModels(options), isWaiting };
  if (rest.length === 0 && operand === undefined) {
    if (command === 'list') return list(context);
    if (command === 'verify') return verify(context);
    if (command === 'pull') return pullConfigured(context);
  } else if (rest.length === 0 && operand !== undefined) {
    if (command === 'pull') return pullNamed(operand, context);
    if (command === 'rm') return remove(operand, context);
  }
  options.print(MODELS_USAGE);
  return 2;
}

interface Context extends ModelsCommandOptions, Pick<ModelsConfig, 'sources' | 'endpoint' | 'directory'> {
  readonly quantization: string;
  readonly isWaiting: boolean;
}

function readModels({ env: from, root }: ModelsCommandOptions) {
  const schema = z.object({ XNAI_DATA_DIR: env.text().default('./data'), ...modelVariables });
  const vars = readConfig(schema, from === undefined ? {} : { env: from });
  const { sources, endpoint, directory } = modelsConfig(vars);
  return { sources, endpoint, directory: resolve(root, directory), quantization: vars.GGUF_QUANTIZATION };
}

async function list({ directory, print }: Context): Promise<number> {
  const [models, unfinished] = [await listModels(directory), await listUnfinished(directory)];
  if (models.length + unfinished.length === 0) print(`No models in ${directory}.`);
  for (const { name, sizeBytes, manifest } of models) {
    const { license, source } = manifest;
    print([name, gigabytes(sizeBytes), license ?? 'licence not stated', source].join('  '));
  }
  for (const { name, sizeBytes } of unfinished) print([name, gigabytes(sizeBytes), 'unfinished'].join('  '));
  return 0;
}

async function verify({ directory, print }: Context): Promise<number> {
  const models = await listModels(directory);
  if (models.length === 0) print(`No models in ${directory}: nothing was verified.`);
  let failures = models.length === 0 ? 1 : 0;
  for (const model of models) {
    const intact = await isIntact(model);
    if (!intact) failures += 1;
    print(`${intact ? 'intact ' : 'DAMAGED'}  ${model.name}`);
  }
  return failures === 0 ? 0 : 1;
}

async function remove(wanted: string, { directory, print }: Context): Promise<number> {
  const models = await listModels(directory);
  const model = models.find(({ name, manifest }) => name === wanted || manifest.source === wanted);
  const found = model ?? (await listUnfinished(directory)).find(({ name }) => name === wanted);
  if (found === undefined) {
    print(`There is no ${wanted} in ${directory}.`);
    return 1;
  }
  await removeModel(found);
  print(`Removed ${found.name}.`);
  return 0;
}

async function pullConfigured(context: Context): Promise<number> {
  const sources = Object.values(context.sources).filter((source) => source.kind === 'hub');
  if (sources.length === 0) context.print('No model of a hub is configured: nothing to fetch.');
  for (const source of sources) {
    const code = await pull(source, context);
    if (code !== 0) return code;
  }
  return 0;
}

async function pullNamed(operand: string, context: Context): Promise<number> {
  if (!operand.startsWith('hf:')) {
    context.print(`"${operand}" is not of the form hf:user/name[:QUANT]: nothing to fetch.`);
    return 2;
  }
  try {
    return await pull(parseModelSource(operand, context.quantization) as HubSource, context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.print(error.message);
    return 2;
  }
}

async function pull(source: HubSource, context: Context): Promise<number> {
  const { print, signal, isWaiting, sleep = (ms) => delay(ms, undefined, { signal }) } = context;
  for (let failures = 0; ; failures++) {
    const found = await findModel(context.directory, source);
    if (found !== undefined) {
      print(`${found.file} is there.`);
      return 0;
    }
    const failure = await fetchNow(source, context);
    if (failure === undefined) {
      await removeFetchNote(context.directory, source);
      return 0;
    }
    const nextMs = Math.min(nextTryMs(failure, failures), LAST_TRY_MS);
    const reason = isWaiting ? `${failure.message}; ${describeNextTry(nextMs)}` : failure.message;
    print(`${formatHubSource(source)}: ${reason}`);
    if (!isWaiting) return 1;
    await writeFetchNote(context.directory, source, reason);
    await sleep(nextMs, signal);
  }
}

async function fetchNow(source: HubSource, context: Context): Promise<ModelFetchError | undefined> {
  try {
    const log = lineLog(context.print);
    const file = await fetchModel(source, { ...context, log, say: () => undefined });
    context.print(`${file} is complete.`);
    return undefined;
  } catch (error) {
    if (error instanceof ModelFetchError) return error;
    throw error;
  }
}

function lineLog(print: (line: string) => void): ModelLog {
  const write = (fields: object, message: string) => {
    const texts = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
    print(`${message}: ${texts.join(', ')}`);
  };
  return { debug: () => undefined, info: write, warn: write, error: write };
}
