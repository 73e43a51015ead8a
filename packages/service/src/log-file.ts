import { appendFileSync, closeSync, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BY_UMASK, makeFolderSync } from './make-folder.ts';

export interface LogFileOptions {
  readonly dir: string;
  /** Files are called `name.1.log`, `name.2.log`, and so on. */
  readonly name: string;
  readonly maxFileBytes: number;
  /** Includes the file that is being written. */
  readonly maxFiles: number;
  /** Called once, when the folder cannot be written (any more). Lines are dropped from then on. */
  readonly onFailure: (error: Error) => void;
}

/**
 * A log file that rolls over by size; the latest files are kept. It never throws. Writes are synchronous, so that every
 * line is in the file however the process ends.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  #open: { readonly fd: number; readonly number: number; sizeBytes: number } | undefined;

  constructor(options: LogFileOptions) {
    this.#options = options;
    try {
      makeFolderSync(options.dir, BY_UMASK);
      this.#openFile(Math.max(1, ...this.#numbers()));
    } catch (error) {
      this.#fail(error);
    }
  }

  write(line: string): void {
    const { maxFileBytes } = this.#options;
    const bytes = Buffer.byteLength(line);
    try {
      if (this.#open === undefined) return;
      const { sizeBytes, number } = this.#open;
      if (sizeBytes > 0 && sizeBytes + bytes > maxFileBytes) this.#openFile(number + 1);
      this.#open.sizeBytes += bytes;
      appendFileSync(this.#open.fd, line);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes the file before, and removes the files that are too many. */
  #openFile(number: number): void {
    const fd = openSync(this.#pathOf(number), 'a');
    this.#close();
    this.#open = { fd, number, sizeBytes: fstatSync(fd).size };
    for (const old of this.#numbers().filter((one) => one <= number - this.#options.maxFiles)) {
      rmSync(this.#pathOf(old), { force: true });
    }
  }

  #numbers(): number[] {
    const { dir, name } = this.#options;
    return readdirSync(dir)
      .filter((file) => file.startsWith(`${name}.`) && /\.\d+\.log$/.test(file))
      .map((file) => Number.parseInt(file.slice(name.length + 1), 10))
      .filter(Number.isSafeInteger);
  }

  #pathOf(number: number): string {
    return join(this.#options.dir, `${this.#options.name}.${number}.log`);
  }

  #fail(error: unknown): void {
    this.#close();
    this.#options.onFailure(error as Error);
  }

  #close(): void {
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }
}
