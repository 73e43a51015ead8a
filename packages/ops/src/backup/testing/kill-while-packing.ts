import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createBackup } from '../create.ts';
import { folderTarget } from '../folder-target.ts';
import { listBackups, listUnfinished, readBackup } from '../read-backups.ts';
import { placesIn } from '../stack-places.ts';
import { makeStack } from './make-stack.ts';

/** Makes backups without a pause, and says the name of each. */
const SCRIPT = `
  const { createBackup } = await import(process.argv[1] + 'create.ts');
  const { folderTarget } = await import(process.argv[1] + 'folder-target.ts');
  const { placesIn } = await import(process.argv[1] + 'stack-places.ts');
  const [, , dataDir, folder] = process.argv;
  const options = { places: placesIn(dataDir), target: folderTarget(folder), recipients: [], keep: 2 };
  const audit = { record: async () => ({ seq: 1 }) };
  const signal = new AbortController().signal;
  for (;;) process.stdout.write((await createBackup({ ...options, audit, signal })).name + '\\n');`;

/**
 * Kills a process that makes backups, at another moment in each round.
 *
 * @returns in how many rounds the newest backup that was said is gone, one that is listed is not whole, or the next backup
 * left something unfinished
 */
export async function killWhilePacking({ root, rounds }: { readonly root: string; readonly rounds: number }) {
  const result = { killed: 0, lost: 0 };
  const [dataDir, folder] = [join(root, 'stack'), join(root, 'killed')];
  await makeStack(dataDir, ['a', 'b']);
  const module = new URL('../', import.meta.url).href;
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, module, dataDir, folder]);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    while (said.split('\n').length < 3 && child.exitCode === null) await delay(2);
    await delay(11 * round);
    child.kill('SIGKILL');
    await once(child, 'close');
    result.killed++;
    const newest = said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1) ?? '';
    if (!(await isWhole(dataDir, folder, newest))) result.lost++;
  }
  return result;
}

async function isWhole(dataDir: string, folder: string, newest: string): Promise<boolean> {
  const [target, signal] = [folderTarget(folder), AbortSignal.timeout(60_000)];
  const { backups, unreadable } = await listBackups(target, signal);
  for (const receipt of backups) await readBackup(receipt, { target, identities: [], signal });
  const audit = { record: async () => ({ seq: 1 }) };
  await createBackup({ places: placesIn(dataDir), target, recipients: [], keep: 2, audit, signal });
  const isClean = unreadable.length === 0 && (await listUnfinished(target)).length === 0;
  return isClean && backups.some(({ name }) => name >= newest);
}
