import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, waitUntil } from '@xnai/testing';
import type { FastifyBaseLogger } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import type { CrawlProcess } from './crawl-process.ts';
import { type CrawlProcesses, createCrawlProcesses } from './crawl-processes.ts';

const CRAWL = new URL('../crawl/main.ts', import.meta.url);
let folder: string;
let processes: CrawlProcesses;
const opened: CrawlProcess[] = [];

const warnings: unknown[] = [];
const log = { warn: (details: unknown) => warnings.push(details) } as unknown as FastifyBaseLogger;

function create(readyIn: string | undefined, hasRoom = () => true, entry = CRAWL): void {
  processes = createCrawlProcesses({
    entry,
    memoryMb: 512,
    readyIn,
    hasRoom,
    log,
    afterMs: 20,
  });
}

function open(): CrawlProcess {
  const process = processes.open(folder);
  opened.push(process);
  return process;
}

afterEach(async () => {
  warnings.length = 0;
  await processes.close();
  for (const { child } of opened.splice(0)) await child.kill('the test ends');
  rmSync(folder, { recursive: true });
});

const prepared = () => readdirSync(folder).filter((name) => name.startsWith('ready-'));
const untilReady = (count: number) =>
  waitUntil(`${count} processes are ready`, () => prepared().length === count);

it('gives a crawl the process that is ready, and makes another once no crawl runs', async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-ready-'));
  create(folder);
  await untilReady(1);
  const [name = ''] = prepared();
  const first = open();
  expect(first.workDir).toBe(join(folder, name));
  expect(isAlive(first.child.pid ?? 0)).toBe(true);
  // It works in the folder that it was given.
  const second = open();
  expect(second.workDir).toBe(folder);
  await first.child.kill('the test ends it');
  expect(prepared()).toEqual([name]);
  await second.child.kill('the test ends it');
  await untilReady(2);
});

it('ends the one that is ready when it closes', async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-ready-'));
  create(folder);
  await untilReady(1);
  await processes.close();
  expect(prepared()).toEqual([]);
  expect(warnings).toEqual([]);
});

it('says once that the ready one has ended, and makes no other until a crawl has run', async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-ready-'));
  let looks = 0;
  create(folder, () => ++looks > 0, new URL('./no-such-file.ts', import.meta.url));
  await waitUntil('it is told', () => warnings.length > 0);
  expect(warnings).toMatchObject([{ stderr: expect.stringContaining('no-such-file') }]);
  expect([prepared(), looks]).toEqual([[], 1]);
  await open().child.ended;
  await waitUntil('another is tried', () => warnings.length === 2);
});

it('makes none before there is memory for it, and none where none is wanted', async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-ready-'));
  let looks = 0;
  create(folder, () => ++looks > 2);
  await untilReady(1);
  expect(looks).toBe(3);
  await processes.close();
  create(undefined);
  expect(open().workDir).toBe(folder);
});

it('removes at its start what killed crawlers have left, and nothing of one that lives', async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-ready-'));
  const { pid = 0 } = spawnSync('true');
  for (const owner of [pid, process.ppid]) mkdirSync(join(folder, `ready-${owner}-x`));
  mkdirSync(join(folder, 'a-crawl'));
  create(folder, () => false);
  await waitUntil('the folder is gone', () => !prepared().includes(`ready-${pid}-x`));
  expect(readdirSync(folder).toSorted()).toEqual(['a-crawl', `ready-${process.ppid}-x`]);
});
