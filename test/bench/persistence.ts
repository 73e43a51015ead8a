import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis, type TestRedis } from '@xnai/testing';
import type { BenchReport, Row } from './report.ts';

/** How Redis keeps its data: settings that come after the fixed ones of a test server. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  'nothing kept': [],
  'RDB, every second': ['--save', '1 1'],
  'AOF, synced every second': ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  'AOF, synced always': ['--appendonly', 'yes', '--appendfsync', 'always'],
};
const PLACES: Readonly<Record<string, string>> = { tmpfs: '/dev/shm', disk: '/var/tmp' };

const REPEATS = 5;
const RUN_MS = 2000;
/** As many connections as a crawler has, each with one write at a time. */
const CONNECTIONS = 8;
/** About a page on its way to rag. */
const PAGE = 'x'.repeat(4096);
const STREAM = 'outbox';

interface Measured {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Writes that were acknowledged and are not there after kill -9 and a new start. */
  readonly lost: number;
  readonly fileMb: number;
}

/** What each way to keep the data of Redis costs, in memory and on disk, and what a kill -9 loses. */
export async function runPersistenceBench(): Promise<BenchReport> {
  const raw: Record<string, Measured[]> = {};
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [place, parent] of Object.entries(PLACES)) {
      for (const [mode, args] of Object.entries(MODES)) {
        const name = `${mode}, ${place}`;
        raw[name] = [...(raw[name] ?? []), await measure(parent, args)];
      }
    }
  }
  return { name: 'Redis: ways to keep its data', rows: Object.entries(raw).flatMap(toRows), raw };
}

async function measure(parent: string, settings: readonly string[]): Promise<Measured> {
  const folder = await mkdtemp(join(parent, 'xnai-persistence-'));
  try {
    await using server = await startRedis({ args: ['--dir', folder, ...settings] });
    const clients = Array.from({ length: CONNECTIONS }, () => server.connect());
    const untilMs = performance.now() + RUN_MS;
    const times = (await Promise.all(clients.map((client) => writeUntil(untilMs, client)))).flat();
    await server.kill();
    const fileMb = (await sizeOf(folder)) / 1e6;
    await server.start();
    const kept = await server.client.xlen(STREAM);
    const sorted = times.toSorted((a, b) => a - b);
    return {
      perSecond: times.length / (RUN_MS / 1000),
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      lost: Math.max(0, times.length - kept),
      fileMb,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the time of each write that was acknowledged, in milliseconds */
async function writeUntil(untilMs: number, client: TestRedis['client']): Promise<readonly number[]> {
  const times: number[] = [];
  for (let startMs = performance.now(); startMs < untilMs; startMs = performance.now()) {
    await client.xadd(STREAM, '*', 'body', PAGE);
    times.push(performance.now() - startMs);
  }
  return times;
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function toRows([name, all]: readonly [string, readonly Measured[]]): readonly Row[] {
  const row = (what: string, unit: string, value: (one: Measured) => number): Row => {
    const values = all.map(value).toSorted((a, b) => a - b);
    const [least = 0, most = 0] = [values[0], values.at(-1)];
    return { what: `${name}: ${what}`, value: values[values.length >> 1] ?? 0, unit, least, most };
  };
  return [
    row('writes', '1/s', ({ perSecond }) => perSecond),
    row('99th percentile of a write', 'ms', ({ p99Ms }) => p99Ms),
    row('lost by kill -9', 'writes', ({ lost }) => lost),
    row('files at the end', 'MB', ({ fileMb }) => fileMb),
  ];
}
