import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@xnai/service';
import { afterAll, expect, test } from 'vitest';
import { findChromium } from './find-chromium.ts';
import { processesOf } from './kill-processes-of.ts';
import type { BrowserProbe } from './probe-browser.ts';
import {
  type BrowserWatch,
  browserCheck,
  requireBrowser,
  requireSandbox,
  sandboxCheck,
  watchBrowser,
} from './watch-browser.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const folder = mkdtempSync(join(tmpdir(), 'xnai-watch-'));
const log = createLogger({ name: 'test', level: 'silent' });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function probe(executable: string): Promise<BrowserProbe> {
  const workDir = join(folder, 'work');
  const watch = watchBrowser({ CRAWL_CHROMIUM: executable, CRAWL_WORK_DIR: workDir }, log);
  const found = await watch.probe();
  await watch.close();
  expect(processesOf(workDir)).toEqual([]);
  return found;
}

const knowing = (found: BrowserProbe): BrowserWatch => ({ probe: async () => found, close: async () => {} });
const settings = { executable: '/x', isSandboxed: true };
const absent = knowing({ kind: 'absent', why: 'none' });
const whole = knowing({ kind: 'ready', settings });
const open = knowing({ kind: 'ready', settings: { ...settings, isSandboxed: false }, why: 'the kernel' });

test('what is not there, ends at once or says nothing is no browser', async () => {
  expect(await probe('/nonexistent')).toMatchObject({ kind: 'absent' });
  expect(await probe(program('ends', 'echo No such luck >&2; exit 3'))).toMatchObject({ kind: 'absent' });
});

test('a probe can be ended, and takes its processes along', async () => {
  const workDir = join(folder, 'ended');
  const executable = program('hangs', 'exec sleep 1000');
  const watch = watchBrowser({ CRAWL_CHROMIUM: executable, CRAWL_WORK_DIR: workDir }, log);
  while (processesOf(workDir).length < 2) await new Promise((done) => setImmediate(done));
  await watch.close();
  expect(processesOf(workDir)).toEqual([]);
  expect(readdirSync(workDir)).toEqual([]);
});

test.skipIf(chromium === undefined)('a browser is tried out, and its sandbox with it', async () => {
  const found = await probe(chromium ?? '');
  expect(found).toMatchObject({ kind: 'ready' });
  if (process.getuid?.() === 0) {
    expect(found).toMatchObject({
      settings: { isSandboxed: false },
      why: 'Chromium has no sandbox for root',
    });
  }
});

test.skipIf(chromium === undefined || process.getuid?.() === 0)(
  'a sandbox that fails is told from none',
  async () => {
    const refuses = program(
      'refuses',
      `case "$*" in *--no-sandbox*) exec ${chromium} "$@";; esac; echo "FATAL: No usable sandbox!" >&2; exit 1`,
    );
    expect(await probe(refuses)).toMatchObject({
      settings: { isSandboxed: false },
      why: expect.stringContaining('sandbox'),
    });
  },
);

test('a missing sandbox is said, and refused where that is asked for', async () => {
  expect(await sandboxCheck(open)).toEqual({ status: 'degraded', detail: 'the kernel' });
  await expect(requireSandbox(open)).rejects.toMatchObject({
    forOperator: true,
    message: expect.stringContaining('the kernel'),
  });
  for (const watch of [whole, absent]) {
    expect(await sandboxCheck(watch)).toEqual({ status: 'ok' });
    await expect(requireSandbox(watch)).resolves.toBeUndefined();
  }
});

test('a crawl that needs a browser is only taken where there is one', async () => {
  await expect(requireBrowser(absent)).rejects.toMatchObject({ code: 'BROWSER_NOT_AVAILABLE' });
  await expect(requireBrowser(open)).resolves.toBeUndefined();
  expect(await browserCheck(absent)).toEqual({ status: 'absent', detail: 'none' });
});
