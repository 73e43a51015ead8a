import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { RagClient } from '@xnai/contracts/client';
import { startRag } from '../support/rag-process.ts';
import { readEvalSet } from './beir.ts';
import { ingestSet } from './ingest-set.ts';
import { readManualPages } from './manual-packages.ts';
import { ingestManuals } from './manuals.ts';
import { type Comparison, compare } from './weights/compare.ts';
import { statedValue, WEIGHTS, type Weight } from './weights/list.ts';
import { type Measured, measureAll, type PutSet } from './weights/measure.ts';

const MANUALS = 'manuals';

export interface WeightsOptions {
  /** Folders in the layout of BEIR. */
  readonly folders: readonly string[];
  /** Where the packages of the manuals are unpacked; undefined: where Debian installs them. */
  readonly manuals: string | undefined;
  /** Only weights whose name has one of these. */
  readonly only: readonly string[];
  /** By which a weight is multiplied. */
  readonly factors: readonly number[];
}

/**
 * Asks everything with each weight at other values, and prints which figures change. Returns the names of
 * those without effect.
 */
export async function evaluateWeights({
  folders,
  manuals,
  only,
  factors,
}: WeightsOptions): Promise<string[]> {
  const data = await mkdtemp(join(tmpdir(), 'xnai-weights-'));
  try {
    const asked = { manuals: MANUALS, sets: await put(data, folders, manuals) };
    const measure = (of: Weight['of'], env: NodeJS.ProcessEnv = {}) =>
      withRag(data, (client) => measureAll(client, asked, of), env);
    const before = { search: await measure('search'), answers: await measure('answers') };
    const idle: string[] = [];
    for (const weight of WEIGHTS.filter(({ name }) => only.some((part) => name.includes(part)))) {
      const variation = { weight, factors, before: before[weight.of] };
      const compared = await vary(variation, (env) => measure(weight.of, env));
      if (compared.every(({ changed }) => changed === 0)) idle.push(weight.name);
    }
    console.log(idle.length === 0 ? '\nevery weight has an effect' : `\nwithout effect: ${idle.join(', ')}`);
    return idle;
  } finally {
    await rm(data, { recursive: true });
  }
}

async function put(data: string, folders: readonly string[], manuals: string | undefined) {
  const pages = await readManualPages(manuals);
  return withRag(data, async (client) => {
    await ingestManuals(client, MANUALS, pages);
    const sets: PutSet[] = [];
    for (const folder of folders) {
      const name = basename(resolve(folder));
      const set = await readEvalSet(resolve(folder));
      const collection = `set-${name}`;
      sets.push({ name, collection, set, ingested: await ingestSet(client, collection, set.documents) });
    }
    return sets;
  });
}

async function withRag<Result>(
  data: string,
  work: (client: RagClient) => Promise<Result>,
  env: NodeJS.ProcessEnv = {},
): Promise<Result> {
  await using rag = await startRag({ XNAI_DATA_DIR: data, ...env });
  return await work(rag.client);
}

interface Variation {
  readonly weight: Weight;
  readonly factors: readonly number[];
  readonly before: Measured;
}

async function vary(
  { weight, factors, before }: Variation,
  measure: (env: NodeJS.ProcessEnv) => Promise<Measured>,
): Promise<readonly Comparison[]> {
  const value = await statedValue(weight);
  console.log(`\n${weight.name} = ${value}`);
  const compared: Comparison[] = [];
  for (const factor of factors) {
    const varied = { module: weight.module, name: weight.name, value: value * factor };
    const after = await measure({
      BENCH_WEIGHT: JSON.stringify(varied),
      NODE_OPTIONS: `--import=${new URL('weights/vary.ts', import.meta.url).href}`,
    });
    const comparison = compare(before, after);
    console.log(`  × ${factor}: ${lineOf(comparison, before.given.length)}`);
    compared.push(comparison);
  }
  return compared;
}

function lineOf({ changed, changes }: Comparison, of: number): string {
  const figures = changes.map(({ figure, before, after, verdict }) => {
    const mark = verdict === 'open' ? '' : ` (${verdict})`;
    return `${figure} ${before.toFixed(3)} → ${after.toFixed(3)}${mark}`;
  });
  return [`${changed} of ${of} given otherwise`, ...figures].join('; ');
}
