import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { listSnapshots } from '../snapshot-files.ts';
import { Snapshots } from '../snapshots.ts';

/** Writes rows of 4 KB and copies them without a pause; says the newest row of each finished snapshot. */
const SCRIPT = `
  const { Snapshots } = await import(process.argv[1]);
  const { DatabaseSync } = await import('node:sqlite');
  const [, , index, folder] = process.argv;
  const db = new DatabaseSync(index);
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (v INTEGER PRIMARY KEY, x)');
  const snapshots = await Snapshots.open({ index, folder });
  for (;;) {
    for (let count = 0; count < 50; count++) db.exec("INSERT INTO t (x) VALUES (randomblob(4096))");
    const { v } = db.prepare('SELECT max(v) AS v FROM t').get();
    await snapshots.take();
    process.stdout.write(v + '\\n');
  }`;

/**
 * Kills a process that copies, at another moment in each round, and restores the newest snapshot.
 *
 * @returns how many rounds restored less than a snapshot that was finished before the kill
 */
export async function killWhileCopying({ root, rounds }: { readonly root: string; readonly rounds: number }) {
  const result = { killed: 0, lost: 0 };
  const module = new URL('../snapshots.ts', import.meta.url).href;
  for (let round = 0; round < rounds; round++) {
    const home = join(root, `round-${round}`);
    const [index, folder] = [join(home, 'index.sqlite'), join(home, 'snapshots')];
    await mkdir(home);
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, module, index, folder]);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    while (said.split('\n').length < 4) await delay(5);
    await delay(7 * round);
    child.kill('SIGKILL');
    await once(child, 'close');
    result.killed++;
    if ((await restored(join(home, 'restored.sqlite'), folder)) < newestSaid(said)) result.lost++;
  }
  return result;
}

function newestSaid(said: string): number {
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

async function restored(index: string, folder: string): Promise<number> {
  await using snapshots = await Snapshots.open({ index, folder });
  await snapshots.restore((_, error) => {
    throw error;
  });
  const unfinished = (await readdir(folder)).length - (await listSnapshots(folder)).length;
  using db = new DatabaseSync(index);
  const newest = Number(db.prepare('SELECT max(v) AS v FROM t').get()?.['v']);
  return unfinished === 0 ? newest : -1;
}
