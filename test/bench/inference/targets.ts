import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRag } from '../support/rag-process.ts';
import { freePort } from '../support/service-process.ts';
import { untilModel } from '../support/until-model.ts';

/** A server that speaks OpenAI's completions, ready to be measured. */
export interface Target extends AsyncDisposable {
  readonly name: string;
  readonly threads: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  /** CPU time of the process that speaks HTTP, without the model's own process; undefined when they are one. */
  httpCpuMs(): Promise<number> | undefined;
  /** CPU time of all of its processes: unlike the time that passes, it depends little on what else the machine does. */
  cpuMs(): Promise<number>;
}

export interface TargetOptions {
  readonly model: string;
  readonly threads: number;
  /** `off`, `auto`, or the index of a Vulkan device. */
  readonly device: string;
  /** Further arguments of the peer; of an argument that is given twice the later one counts. */
  readonly peerArgs: readonly string[];
  readonly sequences: number;
  readonly contextTokens: number;
}

const START_TIMEOUT_MS = 120_000;
/** More than any model has. */
const ALL_LAYERS = 999;

export async function startOurs({
  model,
  threads,
  device,
  sequences,
  contextTokens,
}: TargetOptions): Promise<Target> {
  const rag = await startRag({
    RAG_GENERATE_MODEL: model,
    RAG_SEQUENCES: String(sequences),
    RAG_CONTEXT_TOKENS: String(contextTokens),
    RAG_QUEUE: '64',
    INFERENCE_THREADS: String(threads),
    VULKAN_DEVICE_SELECT: device,
  });
  const place = await untilModel(rag.url);
  console.log(place);
  if (device !== 'off' && !/ layers and about /.test(place)) {
    await rag.stop();
    throw new Error('the model is not on the device');
  }
  return {
    name: `xoe-novai, ${threads} threads`,
    threads,
    url: rag.url,
    headers: { authorization: `Bearer ${rag.key}` },
    model: basename(model).replace(/\.gguf$/, ''),
    httpCpuMs: () => cpuMs(rag.pid),
    cpuMs: () => treeCpuMs(rag.pid),
    [Symbol.asyncDispose]: () => rag.stop(),
  };
}

/** llama.cpp's own server on the same file. */
export async function startPeer(binary: string, options: TargetOptions): Promise<Target> {
  const { model, threads, device, peerArgs, sequences, contextTokens } = options;
  const port = await freePort();
  const args = [
    '-m',
    model,
    '-t',
    threads,
    '--parallel',
    sequences,
    '-c',
    contextTokens * sequences,
    '--port',
    port,
    '-ngl',
    device === 'off' ? 0 : ALL_LAYERS,
    ...peerArgs,
  ];
  const child = spawn(binary, [...args.map(String), '--host', '127.0.0.1'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    // The variable of ggml's Vulkan backend, which ours is told in the same way.
    env: { ...process.env, ...(/^\d+$/.test(device) ? { GGML_VK_VISIBLE_DEVICES: device } : {}) },
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${binary} ended with ${child.exitCode}`);
    return (await fetch(`${url}/health`).catch(() => undefined))?.ok === true;
  });
  return {
    name: `llama-server, ${threads} threads`,
    threads,
    url,
    headers: {},
    model: 'peer',
    httpCpuMs: () => undefined,
    cpuMs: () => treeCpuMs(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function until(isReady: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady())) {
    if (Date.now() > endMs) throw new Error('the server did not become ready');
    await sleep(100);
  }
}

/** User and system time; a tick is 10 ms on Linux. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function treeCpuMs(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.split(' ').filter(Boolean).map(Number);
  const all = await Promise.all([cpuMs(pid), ...pids.map(treeCpuMs)]);
  return all.reduce((sum, ms) => sum + ms, 0);
}
