import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LLAMA_135M, writeRandomLlama } from '@xnai/rag/src/model/testing/random-model.ts';
import { type Measured, measure } from './inference/measure.ts';
import { measureOperations, type Operation } from './inference/operations.ts';
import { startOurs, startPeer, type Target, type TargetOptions } from './inference/targets.ts';

const USAGE = `npm run bench -- inference [--model FILE] [--peer PATH-TO-llama-server] [--threads 1,2] [--streams 1,2,4,8] [--repeats 3] [--json FILE]

Measures generation through the whole HTTP path, side by side with llama-server on the same file. Without a file it
writes one of random weights in the shape of SmolLM2-135M: speed does not depend on the values.`;

export async function runInferenceBench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      peer: { type: 'string' },
      threads: { type: 'string', default: '1,2' },
      streams: { type: 'string', default: '1,2,4,8' },
      repeats: { type: 'string', default: '3' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'xnai-bench-model-'));
  try {
    const model = values.model ?? writeModel(directory);
    const plan = {
      model,
      peer: values.peer,
      threads: numbers(values.threads),
      streams: numbers(values.streams),
      repeats: Number(values.repeats),
    };
    const { ours, peers, operations } = await runPlan(plan);
    print(ours, peers, operations);
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify({ ours, peers, operations }, null, 2)}\n`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Plan {
  readonly model: string;
  readonly peer: string | undefined;
  readonly threads: readonly number[];
  readonly streams: readonly number[];
  readonly repeats: number;
}

const CONTEXT_TOKENS = 1024;

async function runPlan({ model, peer, threads, streams, repeats }: Plan) {
  const ours: Measured[] = [];
  const peers: Measured[] = [];
  let operations: readonly Operation[] = [];
  const measured = async (target: Target) => {
    const one = await measure(target, { streams, repeats });
    printOne(one);
    return one;
  };
  for (const count of threads) {
    const options: TargetOptions = {
      model,
      threads: count,
      sequences: Math.max(...streams),
      contextTokens: CONTEXT_TOKENS,
    };
    ours.push(await withTarget(startOurs(options), measured));
    if (peer !== undefined) {
      peers.push(await withTarget(startPeer(peer, options), measured));
    }
    operations = await withTarget(startOurs(options), measureOperations);
  }
  return { ours, peers, operations };
}

async function withTarget<T>(starting: Promise<Target>, work: (target: Target) => Promise<T>): Promise<T> {
  await using target = await starting;
  return await work(target);
}

function writeModel(directory: string): string {
  const file = join(directory, 'random-135m.gguf');
  writeRandomLlama(file, LLAMA_135M);
  return file;
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}

function print(
  ours: readonly Measured[],
  peers: readonly Measured[],
  operations: readonly Operation[],
): void {
  if (peers.length > 0) printRatios(ours, peers);
  console.log('\nOperations, 95th percentile, against 300 ms (last thread count)');
  for (const { name, p95Ms } of operations) {
    console.log(`  ${p95Ms <= 300 ? 'meets ' : 'misses'} ${p95Ms.toFixed(1).padStart(8)} ms  ${name}`);
  }
}

function printOne(one: Measured): void {
  console.log(`\n${one.name}`);
  console.log(`  prefill ${one.prefillPerS.toFixed(0)} tok/s; first token cold ${one.coldMs.toFixed(0)} ms`);
  console.log(
    `  first token with ${one.reusedTokens.toFixed(0)} tokens reused ${one.reusedMs.toFixed(0)} ms, of it not the model ${one.overheadMs.toFixed(1)} ms`,
  );
  for (const [streams, perS] of Object.entries(one.decodePerS)) {
    console.log(`  ${streams} streams: ${perS.toFixed(1)} tok/s`);
  }
  if (one.httpCpuMsPerToken !== undefined)
    console.log(`  API process ${one.httpCpuMsPerToken.toFixed(2)} ms of CPU a token`);
}

/** Each at its best number of threads. */
function printRatios(ours: readonly Measured[], peers: readonly Measured[]): void {
  const best = (all: readonly Measured[], value: (one: Measured) => number) => Math.max(...all.map(value));
  const least = (all: readonly Measured[], value: (one: Measured) => number) => Math.min(...all.map(value));
  console.log('\nOurs / llama-server, each at its best');
  const prefill = (one: Measured) => one.prefillPerS;
  console.log(`  prefill ${(best(ours, prefill) / best(peers, prefill)).toFixed(2)}`);
  for (const streams of Object.keys(ours[0]?.decodePerS ?? {}).map(Number)) {
    const decode = (one: Measured) => one.decodePerS[streams] ?? 0;
    console.log(`  decode, ${streams} streams ${(best(ours, decode) / best(peers, decode)).toFixed(2)}`);
  }
  for (const [name, value] of [
    ['cold', (one: Measured) => one.coldMs],
    ['reused', (one: Measured) => one.reusedMs],
  ] as const) {
    console.log(
      `  first token, ${name} ${(least(ours, value) / least(peers, value)).toFixed(2)} (less is better)`,
    );
  }
}
