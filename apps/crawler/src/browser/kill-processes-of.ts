import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 20;

/**
 * Ends every process that was started with `folder` or one in it as its home, and returns when none is left. Chromium's
 * processes make sessions of their own, so that killing the group of whoever started them does not reach them.
 */
export async function killProcessesOf(folder: string): Promise<void> {
  for (;;) {
    const found = processesOf(folder);
    if (found.length === 0) return;
    for (const { pid, group } of found) {
      // Renderers do not show their environment; but they are in the group of the browser, which does.
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

/** Processes that are alive and have `folder` or one in it as their home. */
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
        // Another user's, or gone by now.
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
