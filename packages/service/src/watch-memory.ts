import { readFile } from 'node:fs/promises';

export interface MemoryLimit {
  /** Resident set size of the process itself, without its children. */
  readonly maxRssBytes: number;
  /** Default 1 s. */
  readonly checkEveryMs?: number;
}

/** Calls `onExceeded` with the reason while a process uses more memory than it may. */
export function watchMemory(
  pid: number | undefined,
  { maxRssBytes, checkEveryMs = 1000 }: MemoryLimit,
  onExceeded: (reason: string) => void,
): Disposable {
  const timer = setInterval(async () => {
    const isExceeded = (await readRssBytes(pid)) > maxRssBytes;
    if (isExceeded) onExceeded(`it used more than ${Math.round(maxRssBytes / 1024 ** 2)} MiB`);
  }, checkEveryMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** 0 for a process that is gone. */
async function readRssBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
