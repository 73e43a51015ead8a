import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@xnai/service';
import { afterAll, expect, test, vi } from 'vitest';
import { findChromium } from './find-chromium.ts';
import { processesOf } from './kill-processes-of.ts';
import { type BrowserProbe, runProbe } from './probe.ts';
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
chmodSync(folder, 0o755);
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

const knowing = (found: BrowserProbe): BrowserWatch => ({
  probe: async () => found,
  known: () => found,
  doubt: () => {},
  close: async () => {},
});
const settings = { executable: '/x', isSandboxed: true };
const absent = knowing({ kind: 'absent', why: 'none' });
const whole = knowing({ kind: 'ready', settings });
const open = knowing({ kind: 'ready', settings: { ...settings, isSandboxed: false }, why: 'the kernel' });

test('what is not there, ends at once or says nothing is no browser', async () => {
  expect(await probe('/nonexistent')).toMatchObject({ kind: 'absent' });
  expect(await probe(program('ends', 'echo No such luck >&2; exit 3'))).toMatchObject({ kind: 'broken' });
});

test('a browser that there is no room to try out is none', async () => {
  const taken = program('taken', '');
  const watch = watchBrowser({ CRAWL_CHROMIUM: '/bin/true', CRAWL_WORK_DIR: taken }, log);
  expect(await watch.probe()).toEqual({ kind: 'broken', why: 'it could not be tried: ENOTDIR' });
  await watch.close();
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

test.skipIf(chromium === undefined)(
  'a browser that starts and whose pages crash when they lay out text is broken, with the reason',
  async () => {
    const entry = new URL('./testing/crash-on-text.ts', import.meta.url).pathname;
    const crashes = program('crashes', `exec ${process.execPath} ${entry} ${chromium} "$@"`);
    expect(await probe(crashes)).toMatchObject({ kind: 'broken', why: expect.stringContaining('crash') });
  },
  60_000,
);

/** Of a user without rights, for whom Chromium has a sandbox; where these tests are root's. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

async function probeAsNobody(executable: string): Promise<BrowserProbe> {
  const workDir = mkdtempSync(join(tmpdir(), 'xnai-nobody-'));
  if (nobody.uid !== undefined) chownSync(workDir, nobody.uid, nobody.gid);
  const found = await runProbe({ executable, workDir }, AbortSignal.timeout(60_000), nobody);
  rmSync(workDir, { recursive: true, force: true });
  return found;
}

/** Where the kernel has none for this user, a container mostly, there is nothing to be told apart. */
const hasNamespaces = spawnSync('unshare', ['-Ur', 'true'], nobody).status === 0;
if (!hasNamespaces) process.stderr.write('skipped: no user namespaces, so no sandbox of Chromium\n');

test.skipIf(chromium === undefined || !hasNamespaces)(
  "Chromium's own sandbox is on for a user without rights, and one that fails is told from none",
  async () => {
    expect(await probeAsNobody(chromium ?? '')).toEqual({
      kind: 'ready',
      settings: { executable: chromium, isSandboxed: true },
    });
    const refuses = program(
      'refuses',
      `case "$*" in *--no-sandbox*) exec ${chromium} "$@";; esac; echo "FATAL: No usable sandbox!" >&2; exit 1`,
    );
    expect(await probeAsNobody(refuses)).toMatchObject({
      settings: { isSandboxed: false },
      why: expect.stringContaining('sandbox'),
    });
  },
  60_000,
);

test.skipIf(chromium === undefined)(
  'a browser that is taken away or does not start any more is found out',
  async () => {
    const workDir = join(folder, 'later-work');
    const broken = join(folder, 'broken');
    const executable = program('later', `[ -e ${broken} ] && exit 1; exec ${chromium} "$@"`);
    const watch = watchBrowser({ CRAWL_CHROMIUM: executable, CRAWL_WORK_DIR: workDir }, log);
    expect(await watch.probe()).toMatchObject({ kind: 'ready' });
    writeFileSync(broken, '');
    expect(await watch.probe()).toMatchObject({ kind: 'ready' });
    watch.doubt();
    expect(await watch.probe()).toMatchObject({ kind: 'broken' });
    await watch.close();

    rmSync(broken);
    const other = watchBrowser({ CRAWL_CHROMIUM: executable, CRAWL_WORK_DIR: workDir }, log);
    expect(await other.probe()).toMatchObject({ kind: 'ready' });
    rmSync(executable);
    vi.useFakeTimers({ toFake: ['performance'] });
    // The faked clock begins at 0, and the time of the last look is the time of the real one.
    vi.advanceTimersByTime(600_000);
    expect(await other.probe()).toMatchObject({ kind: 'absent', why: 'no Chromium was found' });
    vi.useRealTimers();
    await other.close();
  },
  60_000,
);

test('a browser that is still being tried is starting', () => {
  const trying = { ...whole, known: () => undefined };
  expect(browserCheck(trying)).toMatchObject({ status: 'starting' });
  expect(sandboxCheck(trying)).toMatchObject({ status: 'starting' });
});

test('a missing sandbox is advice, and refused where that is asked for', async () => {
  expect(sandboxCheck(open)).toMatchObject({
    status: 'absent',
    advice: { code: 'browser-sandbox', text: expect.any(String), command: expect.any(String) },
  });
  await expect(requireSandbox(open)).rejects.toMatchObject({
    forOperator: true,
    message: expect.stringContaining('the kernel'),
  });
  for (const watch of [whole, absent]) {
    expect(sandboxCheck(watch)).toEqual({ status: 'ok' });
    await expect(requireSandbox(watch)).resolves.toBeUndefined();
  }
});

test('a crawl that needs a browser is only taken where there is one', async () => {
  await expect(requireBrowser(absent)).rejects.toMatchObject({ code: 'BROWSER_NOT_AVAILABLE' });
  await expect(requireBrowser(open)).resolves.toBeUndefined();
  expect(browserCheck(absent)).toEqual({ status: 'absent', detail: 'none' });
  expect(browserCheck(open)).toEqual({ status: 'ok' });
  const broken = knowing({ kind: 'broken', why: 'its page crashed' });
  expect(browserCheck(broken)).toEqual({ status: 'degraded', detail: 'its page crashed' });
  await expect(requireBrowser(broken)).rejects.toThrow(/its page crashed/);
});
