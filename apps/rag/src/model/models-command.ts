import { join, resolve } from 'node:path';
import { type Env, env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { modelsConfig, modelVariables } from './config.ts';
import { FetchError } from './files/fetch-error.ts';
import { findModel, isIntact, listModels, removeModel, type StoredModel } from './files/model-directory.ts';
import { formatHubSource, type HubSource, parseModelSource } from './files/model-source.ts';
import { fetchModel } from './files/provide-model.ts';
import type { ModelLog } from './model-log.ts';

export interface ModelsCommandOptions {
  readonly env?: Env;
  /** What relative directories are relative to. */
  readonly root: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

export const MODELS_USAGE = `Usage:
  npm run models -- list
  npm run models -- pull [hf:user/name[:QUANT]]   without a name: what RAG_GENERATE_MODEL and the others say
  npm run models -- verify                        reads every file and compares its hash
  npm run models -- rm NAME                       as list names it`;

/** Gives the exit code: 0 done, 1 failed, 2 not understood. */
export async function runModelsCommand(
  args: readonly string[],
  options: ModelsCommandOptions,
): Promise<number> {
  const [command, operand, ...rest] = args;
  const config = readModels(options);
  if (rest.length > 0) return misunderstood(options);
  if (command === 'list' && operand === undefined) return list(config.directory, options);
  if (command === 'verify' && operand === undefined) return verify(config.directory, options);
  if (command === 'pull') return pull(config, operand, options);
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
  const models = await listModels(directory);
  if (models.length === 0) print(`No models in ${directory}.`);
  for (const { name, manifest } of models) {
    const { sizeBytes, license, source } = manifest;
    print([name, `${(sizeBytes / 1e9).toFixed(2)} GB`, license ?? 'licence not stated', source].join('  '));
  }
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
  const found = (await listModels(directory)).find(
    (model) => model.name === name || model.manifest.source === name,
  );
  if (found === undefined) {
    print(`There is no ${name} in ${directory}.`);
    return 1;
  }
  await removeModel(found);
  print(`Removed ${found.name}.`);
  return 0;
}

async function pull(
  config: ReturnType<typeof readModels>,
  operand: string | undefined,
  options: ModelsCommandOptions,
): Promise<number> {
  const wanted =
    operand === undefined ? Object.values(config.sources) : [parseModelSource(operand, config.quantization)];
  const sources = wanted.filter((source): source is HubSource => source.kind === 'hub');
  if (sources.length === 0) options.print('No model of a hub is configured: nothing to fetch.');
  for (const source of sources) {
    const found = await findModel(config.directory, source);
    const code = found === undefined ? await pullOne(source, config, options) : alreadyThere(found, options);
    if (code !== 0) return code;
  }
  return 0;
}

function alreadyThere({ file }: StoredModel, { print }: ModelsCommandOptions): number {
  print(`${file} is there.`);
  return 0;
}

async function pullOne(
  source: HubSource,
  { directory, endpoint }: { readonly directory: string; readonly endpoint: string },
  { print, signal }: ModelsCommandOptions,
): Promise<number> {
  try {
    const file = await fetchModel(source, {
      directory,
      endpoint,
      signal,
      log: lineLog(print),
      say: () => undefined,
    });
    print(`${file} is whole.`);
    return 0;
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    print(`${formatHubSource(source)}: ${error.message}`);
    return 1;
  }
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
