import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LLAMA_05B, LLAMA_135M, writeRandomLlama } from '@xnai/inference/testing';
import { type Measured, measure } from './inference/measure.ts';
import { measureOperations, type Operation } from './inference/operations.ts';
import { operationRows, rowsOf, verdictsOf } from './inference/rows.ts';
import { startOurs, startPeer, type Target, type TargetOptions } from './inference/targets.ts';
import type { BenchReport } from './report.ts';

const USAGE = `npm run bench -- inference [--model FILE | --shape 135m|0.5b] [--peer PATH-TO-llama-server [--peer-args="-fa on"]] [--device off|auto|N]
    [--threads 1,2] [--streams 1,2,4,8] [--repeats 5]

Measures generation through the whole HTTP path, side by side with llama-server on the same file. Without a file it
writes one of random weights in the shape of SmolLM2-135M or Qwen2.5-0.5B: speed does not depend on the values.

With --device both run on a GPU by Vulkan (a llama-server built with GGML_VULKAN=ON), with one number of threads, and
the aims are those for a GPU. A run whose model is not on the device ends with the reason.`;

const SHAPES = { '135m': LLAMA_135M, '0.5b': LLAMA_05B };

export async function runInferenceBench(args: readonly string[]): Promise<BenchReport | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      shape: { type: 'string', default: '135m' },
      peer: { type: 'string' },
      'peer-args': { type: 'string', default: '' },
      device: { type: 'string', default: 'off' },
      threads: { type: 'string' },
      streams: { type: 'string', default: '1,2,4,8' },
      repeats: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'xnai-bench-model-'));
  try {
    const model = values.model ?? writeModel(directory, values.shape);
    const plan = {
      model,
      peer: values.peer,
      peerArgs: values['peer-args'].split(' ').filter(Boolean),
      device: values.device,
      threads: numbers(values.threads ?? (values.device === 'off' ? '1,2' : '1')),
      streams: numbers(values.streams),
      repeats: Number(values.repeats),
    };
    const { ours, peers, operations } = await runPlan(plan);
    return {
      name: `inference: ${values.model ?? `random weights, ${values.shape}`}; medians, least and most in brackets`,
      rows: [
        ...[...ours, ...peers].flatMap(rowsOf),
        ...verdictsOf(ours, peers, values.device === 'off' ? 'cpu' : 'gpu'),
        ...operationRows(operations),
      ],
      raw: { ours, peers, operations },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Plan {
  readonly model: string;
  readonly peer: string | undefined;
  readonly peerArgs: readonly string[];
  readonly device: string;
  readonly threads: readonly number[];
  readonly streams: readonly number[];
  readonly repeats: number;
}

const CONTEXT_TOKENS = 1024;

async function runPlan({ model, peer, peerArgs, device, threads, streams, repeats }: Plan) {
  const ours: Measured[] = [];
  const peers: Measured[] = [];
  let operations: readonly Operation[] = [];
  for (const count of threads) {
    const options: TargetOptions = {
      model,
      threads: count,
      device,
      peerArgs,
      sequences: Math.max(...streams),
      contextTokens: CONTEXT_TOKENS,
    };
    const starting = [startOurs(options), ...(peer === undefined ? [] : [startPeer(peer, options)])];
    await using stack = new AsyncDisposableStack();
    const targets: Target[] = [];
    for (const target of starting) targets.push(stack.use(await target));
    const [our, their] = await measure(targets, { streams, repeats });
    if (our !== undefined) ours.push(our);
    if (their !== undefined) peers.push(their);
    operations = await measureOperations(targets[0] as Target);
  }
  return { ours, peers, operations };
}

function writeModel(directory: string, name: string): string {
  const shape = Object.hasOwn(SHAPES, name) ? SHAPES[name as keyof typeof SHAPES] : undefined;
  if (shape === undefined)
    throw new Error(`--shape ${name}: expected one of ${Object.keys(SHAPES).join(', ')}`);
  const file = join(directory, `random-${name}.gguf`);
  writeRandomLlama(file, shape);
  return file;
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}
