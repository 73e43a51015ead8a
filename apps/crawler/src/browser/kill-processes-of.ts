import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 20;

/**
 * Kills every process whose home is `folder` or a folder in it, and returns when none is left. Chromium's processes have
 * sessions of their own, so that killing the process group of their parent does not reach them.
 */
export async function killProcessesOf(folder: string): Promise<void> {
  for (;;) {
    const found = processesOf(folder);
    if (found.length === 0) return;
    for (const { pid, group } of found) {
      // The environment of renderers cannot be read, but they are in the process group of their browser.
      if (group !== ownGroup()) kill(-group);
      kill(pid);
    }
    await delay(RETRY_MS);
  }
}

export interface FoundProcess {
  readonly pid: number;
  readonly group: number;
}

/** Running processes whose home is `folder` or a folder in it. */
export function processesOf(folder: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'latin1').split('\0');
        const isOurs = environment.some(
          (entry) => entry === `HOME=${folder}` || entry.startsWith(`HOME=${folder}/`),
        );
        return isOurs ? readStat(name) : [];
      } catch {
        // The process belongs to another user, or has ended.
        return [];
      }
    });
}

function readStat(name: string): FoundProcess[] {
  // The second field is the command in brackets, and may hold spaces.
  const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? [] : [{ pid: Number(name), group: Number(group) }];
}

function ownGroup(): number {
  return readStat('self')[0]?.group ?? 0;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
