/// <reference path="./pino-roll.d.ts" />
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pinoRoll from 'pino-roll';

export interface LogFileOptions {
  readonly dir: string;
  /** Files are called `name.1.log`, `name.2.log`, and so on. */
  readonly name: string;
  readonly maxFileBytes: number;
  /** With the one being written. */
  readonly maxFiles: number;
  /** Called once, when the folder cannot be written (any more). Lines are dropped from then on. */
  readonly onFailure: (error: Error) => void;
}

export interface LogFile {
  write(line: string): void;
  /** What has been written is in the file. */
  close(): Promise<void>;
}

type RollingStream = Awaited<ReturnType<typeof pinoRoll>>;

// Lines logged while the file is being opened wait here.
const MAX_WAITING_LINES = 10_000;

/** A log file that rolls over by size and keeps a bounded number of files. It never throws. */
export function createLogFile(options: LogFileOptions): LogFile {
  let stream: RollingStream | undefined;
  let waiting: string[] = [];
  let isFailed = false;

  function fail(error: unknown): void {
    if (isFailed) return;
    isFailed = true;
    waiting = [];
    stream?.destroy();
    options.onFailure(error as Error);
  }

  function write(line: string): void {
    if (isFailed) return;
    if (stream !== undefined) writeTo(stream, line, fail);
    else if (waiting.length < MAX_WAITING_LINES) waiting.push(line);
  }

  const opened = openRolling(options, fail).then((ready) => {
    stream = ready;
    for (const line of waiting.splice(0)) write(line);
  }, fail);

  return {
    write,
    async close() {
      await opened;
      if (stream !== undefined && !isFailed) await closed(stream);
      isFailed = true;
    },
  };
}

async function openRolling(
  { dir, name, maxFileBytes, maxFiles }: LogFileOptions,
  fail: (error: unknown) => void,
): Promise<RollingStream> {
  makeFolder(dir);
  accessSync(dir, constants.W_OK | constants.X_OK);
  // Only where it is used: it brings a library of dates, 9 MB of memory.
  const { default: openRoll } = await import('pino-roll');
  const stream = await openRoll({
    file: join(dir, name),
    extension: '.log',
    size: `${maxFileBytes}b`,
    limit: { count: maxFiles, removeOtherLogFiles: true },
    // Nothing is left in memory when the process ends, however it ends.
    sync: true,
  });
  stream.on('error', fail);
  return stream;
}

// Not `recursive: true`: Node 24 never returns from it below a folder like /proc, that refuses with ENOENT.
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  makeFolder(dirname(dir));
  try {
    mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function writeTo(stream: RollingStream, line: string, fail: (error: unknown) => void): void {
  try {
    stream.write(line);
  } catch (error) {
    fail(error);
  }
}

function closed(stream: RollingStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.end();
  });
}
