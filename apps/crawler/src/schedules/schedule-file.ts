import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CrawlRequest, CrawlSchedule } from '@xnai/contracts';
import { lockFolder } from '@xnai/service/lock';
import { makeFolder } from '@xnai/service/make-folder';
import { z } from 'zod';

/** A schedule as the file keeps it. */
export const KeptSchedule = z.strictObject({
  id: z.string(),
  schedule: CrawlSchedule,
  request: CrawlRequest,
  paused: z.boolean(),
  createdAt: z.iso.datetime(),
  /** Of the last firing; the first one is that of the submission. */
  lastAt: z.iso.datetime(),
  lastCrawlId: z.string(),
});
export type KeptSchedule = z.infer<typeof KeptSchedule>;

const Content = z.strictObject({ version: z.literal(1), schedules: z.array(KeptSchedule) });

/** The file of schedules cannot be read, written or understood. */
class ScheduleFileError extends Error {
  override readonly name = 'ScheduleFileError';
  readonly forOperator = true;
}

/** The schedules on disk, whatever becomes of Redis. Every method throws `ScheduleFileError`. */
export interface ScheduleFile {
  /** The oldest first; none when there is no file yet. */
  read(): Promise<readonly KeptSchedule[]>;
  /** Replaces the file in one step. Changes of all processes come one after the other. */
  change(work: (schedules: readonly KeptSchedule[]) => readonly KeptSchedule[]): Promise<void>;
}

const LOCK_WAIT_MS = 5000;

/** @throws {ScheduleFileError} when there is a file that cannot be understood */
export async function openScheduleFile(path: string): Promise<ScheduleFile> {
  async function read(): Promise<readonly KeptSchedule[]> {
    try {
      return Content.parse(JSON.parse(await readFile(path, 'utf8'))).schedules;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new ScheduleFileError(`${path} is no valid file of schedules, or cannot be read`, { cause });
    }
  }

  await read();
  return {
    read,
    async change(work) {
      try {
        await makeFolder(dirname(path));
        using _lock = await lockFolder(dirname(path), {
          name: `.${basename(path)}.lock`,
          waitForMs: LOCK_WAIT_MS,
        });
        await replace(path, { version: 1, schedules: [...work(await read())] });
      } catch (cause) {
        if (cause instanceof ScheduleFileError) throw cause;
        throw new ScheduleFileError(`${path} cannot be written`, { cause });
      }
    },
  };
}

async function replace(path: string, content: z.input<typeof Content>): Promise<void> {
  const next = `${path}.${process.pid}.tmp`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, path);
}
