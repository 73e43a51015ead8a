import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LLAMA_135M, writeRandomLlama } from '@xnai/inference/testing';
import { openMemoryGroup } from '@xnai/testing';
import type { BenchReport, Row } from './report.ts';

const MIB = 1024 ** 2;
const CONTEXTS = [1024, 2048, 4096, 8192];
const LIMITS_MIB = [300, 350, 400, 500, 600, 700, 800, 1200];
const AMPLE = 16 * 1024 * MIB;

interface Loaded {
  readonly detail: string;
  readonly estimatedBytes?: number;
  readonly contextTokens?: number;
  readonly sequences?: number;
}

interface Measured extends Loaded {
  readonly what: string;
  /** Of the model and the process that opened it, once the model is there. */
  readonly chargedMib: number;
  readonly kills: number;
}

/** What a model takes by its context, by where its file is, and what becomes of it in a group with too little memory. */
export async function runMemoryBench(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-memory-bench-'));
  try {
    const file = join(folder, 'model.gguf');
    writeRandomLlama(file, LLAMA_135M);
    const measured: Measured[] = [];
    for (const contextTokens of CONTEXTS)
      measured.push(await load(file, { what: `context ${contextTokens}`, contextTokens }));
    measured.push(await load(file, { what: 'context 4096, 4 sequences', sequences: 4 }));
    for (const place of ['/dev/shm', '/var/tmp'])
      measured.push(await load(file, { what: `file copied to ${place}`, place }));
    for (const limit of LIMITS_MIB)
      measured.push(await load(file, { what: `limit ${limit} MiB`, sequences: 4, limitBytes: limit * MIB }));
    return {
      name: `memory of a model of 135M parameters in a file of ${Math.round(statSync(file).size / MIB)} MiB`,
      rows: measured.flatMap(toRows),
      raw: measured,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface LoadOptions {
  readonly what: string;
  readonly contextTokens?: number;
  readonly sequences?: number;
  /** The file is copied there within the group, which is charged for it. Default: the group finds it in the page cache. */
  readonly place?: string;
  readonly limitBytes?: number;
}

async function load(file: string, options: LoadOptions): Promise<Measured> {
  const { what, contextTokens = 4096, sequences = 1, place, limitBytes = AMPLE } = options;
  await using group = openMemoryGroup(limitBytes);
  if (group === undefined) throw new Error('this user can make no control group for memory');
  const copy = place === undefined ? file : join(place, `xnai-memory-bench-${process.pid}.gguf`);
  const entry = new URL('memory/load-model.ts', import.meta.url).pathname;
  const node = [process.execPath, entry, copy, String(contextTokens), String(sequences)];
  const script = place === undefined ? 'exec "$@"' : 'cp "$0" "$3" && exec "$@"';
  const child = spawn(...group.command('sh', ['-c', script, file, ...node]), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  const loaded: Loaded = typeof line === 'string' ? JSON.parse(line) : { detail: 'the process was ended' };
  const measured = { what, ...loaded, chargedMib: group.usedBytes() / MIB, kills: group.kills() };
  child.stdin.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (place !== undefined) rmSync(copy, { force: true });
  return measured;
}

function toRows({
  what,
  chargedMib,
  estimatedBytes,
  contextTokens,
  sequences,
  kills,
  detail,
}: Measured): Row[] {
  const row = (of: string, value: number, unit: string): Row => ({ what: `${what}: ${of}`, value, unit });
  if (estimatedBytes === undefined) return [row(detail, chargedMib, 'MiB')];
  return [
    row('charged', chargedMib, 'MiB'),
    row('estimated for the process of the model', estimatedBytes / MIB, 'MiB'),
    row(`${sequences} × context`, contextTokens ?? 0, 'tokens'),
    row('processes ended by the kernel', kills, ''),
  ];
}
