import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { identifyProcess } from '@xnai/service/process';
import { beforeEach, expect, it, onTestFinished } from 'vitest';

import { openRuntimeFolder } from './runtime-folder.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'xnai-base-'));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
});

it('is readable by its owner only, and removed at the end', async () => {
  const folder = await openRuntimeFolder([base]);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  await folder[Symbol.asyncDispose]();
  expect(await readdir(base)).toEqual([]);
});

it('is created in the next place when the first is not writable', async () => {
  await using folder = await openRuntimeFolder(['/proc/nowhere', base]);
  expect(folder.path.startsWith(base)).toBe(true);
});

it('names each place when none is writable', async () => {
  await expect(openRuntimeFolder(['/proc/nowhere', '/proc/elsewhere'])).rejects.toThrow(
    '/proc/nowhere, /proc/elsewhere',
  );
});

it('removes the folders of starts that have ended, but of no start that runs, and no other folder', async () => {
  const stale = `xnai-start-${await endedPid()}-1-abc`;
  const reused = `xnai-start-${process.pid}-1-abc`;
  const running = `xnai-start-${process.pid}-${identifyProcess(process.pid)?.startTicks}-abc`;
  for (const name of [stale, reused, running, 'xnai-start-unreadable', 'other'])
    await mkdir(join(base, name));
  await using folder = await openRuntimeFolder([base]);
  expect((await readdir(base)).sort()).toEqual(
    [running, 'xnai-start-unreadable', 'other', basename(folder.path)].sort(),
  );
});

it('kills orphans that hang before it removes their folder', { timeout: 20_000 }, async () => {
  const hanging = spawn('sleep', ['600'], { stdio: 'ignore' });
  const exit = once(hanging, 'exit');
  const child = identifyProcess(hanging.pid ?? 0);
  const stale = join(base, `xnai-start-${await endedPid()}-1-abc`);
  await mkdir(stale);
  await writeFile(join(stale, 'children'), `${child?.pid} ${child?.startTicks}\n`);
  await using folder = await openRuntimeFolder([base], { orphansEndMs: 100 });
  expect((await exit)[1]).toBe('SIGKILL');
  expect(await readdir(base)).toEqual([basename(folder.path)]);
});

it('does not kill another process that has got the id of an orphan', async () => {
  const other = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void other.kill());
  const stale = join(base, `xnai-start-${await endedPid()}-1-abc`);
  await mkdir(stale);
  await writeFile(join(stale, 'children'), `${other.pid} 1\n`);
  await using _folder = await openRuntimeFolder([base], { orphansEndMs: 100 });
  expect(other.exitCode).toBeNull();
  expect(other.signalCode).toBeNull();
});

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}
