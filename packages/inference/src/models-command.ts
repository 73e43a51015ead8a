import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Env, env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { modelsConfig, modelVariables } from './config.ts';
import { FetchError } from './files/fetch-error.ts';
import { findModel, isIntact, listModels, listUnfinished, removeModel } from './files/model-directory.ts';
import { formatHubSource, type HubSource, parseModelSource } from './files/model-source.ts';
import { describeNextTry, nextTryMs } from './files/next-try.ts';
import { fetchModel } from './files/provide-model.ts';
import type { ModelLog } from './model-log.ts';

export interface ModelsCommandOptions {
  readonly env?: Env;
  /** What relative directories are relative to. */
  readonly root: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const MODELS_USAGE = `Usage:
  npm run models -- list
  npm run models -- pull [hf:user/name[:QUANT]]   without a name: what RAG_GENERATE_MODEL and the others say
    --wait                                        tries again in growing pauses while the hub cannot give it
  npm run models -- verify                        reads every file and compares its hash
  npm run models -- rm NAME                       as list names it`;

/** Gives the exit code: 0 done, 1 failed, 2 not understood. */
export async function runModelsCommand(
  args: readonly string[],
  options: ModelsCommandOptions,
): Promise<number> {
  const waits = args[0] === 'pull' && args.includes('--wait');
  const [command, operand, ...rest] = args.filter((arg) => !(waits && arg === '--wait'));
  const config = { ...readModels(options), waits };
  if (rest.length > 0) return misunderstood(options);
  if (command === 'list' && operand === undefined) return list(config.directory, options);
  if (command === 'verify' && operand === undefined) return verify(config.directory, options);
  if (command === 'pull') {
    return operand === undefined ? pullConfigured(config, options) : pullNamed(config, operand, options);
  }
  if (command === 'rm' && operand !== undefined) return remove(config.directory, operand, options);
  return misunderstood(options);
}

function readModels({ env: from, root }: ModelsCommandOptions) {
  const schema = z.object({ XNAI_DATA_DIR: env.text().default('./data'), ...modelVariables });
  const vars = readConfig(schema, from === undefined ? {} : { env: from });
  const { sources, endpoint } = modelsConfig(vars);
  const directory = resolve(root, vars.RAG_MODELS_DIR ?? join(vars.XNAI_DATA_DIR, 'models'));
  return { sources, endpoint, directory, quantization: vars.GGUF_QUANTIZATION };
}

function misunderstood({ print }: ModelsCommandOptions): number {
  print(MODELS_USAGE);
  return 2;
}

async function list(directory: string, { print }: ModelsCommandOptions): Promise<number> {
  const [models, unfinished] = [await listModels(directory), await listUnfinished(directory)];
  if (models.length + unfinished.length === 0) print(`No models in ${directory}.`);
  for (const { name, manifest } of models) {
    const { sizeBytes, license, source } = manifest;
    print([name, gigabytes(sizeBytes), license ?? 'licence not stated', source].join('  '));
  }
  for (const { name, sizeBytes } of unfinished) print([name, gigabytes(sizeBytes), 'unfinished'].join('  '));
  return 0;
}

async function verify(directory: string, { print }: ModelsCommandOptions): Promise<number> {
  const models = await listModels(directory);
  if (models.length === 0) {
    print(`No models in ${directory}: nothing was verified.`);
    return 1;
  }
  let failures = 0;
  for (const model of models) {
    const intact = await isIntact(model);
    if (!intact) failures += 1;
    print(`${intact ? 'intact ' : 'DAMAGED'}  ${model.name}`);
  }
  return failures === 0 ? 0 : 1;
}

async function remove(directory: string, name: string, { print }: ModelsCommandOptions): Promise<number> {
  const model = (await listModels(directory)).find(
    (model) => model.name === name || model.manifest.source === name,
  );
  const found = model ?? (await listUnfinished(directory)).find((file) => file.name === name);
  if (found === undefined) {
    print(`There is no ${name} in ${directory}.`);
    return 1;
  }
  await removeModel(found);
  print(`Removed ${found.name}.`);
  return 0;
}

type ModelsSettings = ReturnType<typeof readModels> & { readonly waits: boolean };

async function pullConfigured(config: ModelsSettings, options: ModelsCommandOptions): Promise<number> {
  const sources = Object.values(config.sources).filter((source) => source.kind === 'hub');
  if (sources.length === 0) options.print('No model of a hub is configured: nothing to fetch.');
  for (const source of sources) {
    const code = await pull(source, config, options);
    if (code !== 0) return code;
  }
  return 0;
}

async function pullNamed(
  config: ModelsSettings,
  operand: string,
  options: ModelsCommandOptions,
): Promise<number> {
  if (!operand.startsWith('hf:')) {
    options.print(`"${operand}" is not of the form hf:user/name[:QUANT]: nothing to fetch.`);
    return 2;
  }
  try {
    return await pull(parseModelSource(operand, config.quantization) as HubSource, config, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    options.print(error.message);
    return 2;
  }
}

async function pull(
  source: HubSource,
  config: ModelsSettings,
  options: ModelsCommandOptions,
): Promise<number> {
  const { print, signal, sleep = pause } = options;
  for (let failures = 0; ; failures++) {
    const found = await findModel(config.directory, source);
    if (found !== undefined) {
      print(`${found.file} is there.`);
      return 0;
    }
    const failure = await fetchNow(source, config, options);
    if (failure === undefined) return 0;
    const nextMs = config.waits ? nextTryMs(failure, failures) : Number.POSITIVE_INFINITY;
    const again = config.waits ? `; ${describeNextTry(nextMs)}` : '';
    print(`${formatHubSource(source)}: ${failure.message}${again}`);
    if (!Number.isFinite(nextMs)) return 1;
    await sleep(nextMs, signal);
  }
}

async function fetchNow(
  source: HubSource,
  { directory, endpoint }: ModelsSettings,
  { print, signal }: ModelsCommandOptions,
): Promise<FetchError | undefined> {
  const log = lineLog(print);
  try {
    const file = await fetchModel(source, { directory, endpoint, signal, log, say: () => undefined });
    print(`${file} is whole.`);
    return undefined;
  } catch (error) {
    if (error instanceof FetchError) return error;
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function lineLog(print: (line: string) => void): ModelLog {
  const write = (fields: object, message: string) =>
    print(
      `${message}: ${Object.entries(fields)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  return { debug: () => undefined, info: write, warn: write, error: write };
}
