import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import type { Act } from '@xnai/service';
import { lockFolder } from '@xnai/service/lock';
import { makeFolder } from '@xnai/service/make-folder';
import { AuditError } from './audit-error.ts';
import { type ChainFile, chainFile, listChainFiles, readLines } from './chain-files.ts';
import { GENESIS, type Head, parseLine, renderLine } from './line.ts';

export interface ChainOptions {
  /** Of this chain alone; made when it is missing. */
  readonly folder: string;
  readonly writer: string;
  /** A file that has reached it is followed by a new one. */
  readonly maxFileBytes?: number | undefined;
  /** The oldest file is deleted when there are more; a line says so first. At least 2. */
  readonly maxFiles?: number | undefined;
  /** How long to wait for another process that writes to this chain. Default 0. */
  readonly waitForMs?: number | undefined;
  readonly now?: (() => Date) | undefined;
}

/** The last line of a chain, and the end of its file. */
interface Tail {
  readonly head: Head;
  readonly file: ChainFile;
  readonly sizeBytes: number;
  /** Bytes of a last line that was not written to its end. */
  readonly tornBytes: number;
}

/** Says that the oldest file is deleted next: its last line, and the hash of that. */
export const PRUNE = 'audit.prune';

const MIB = 1024 ** 2;

/**
 * One writer's hash chain: lines of JSON in files that are only appended to. A line is on the disk when `append` has
 * resolved. The folder is locked, so that a chain has one writer at a time.
 */
export class Chain implements AsyncDisposable {
  readonly #options: ChainOptions;
  readonly #lock: Disposable;
  #file: ChainFile;
  #handle: FileHandle;
  #sizeBytes: number;
  #head: Head;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Opens the chain behind its last line. A line that was torn by a crash is cut off, and a line of its own says so.
   *
   * @throws {LockError} LOCKED when another process writes to it
   * @throws {AuditError} AUDIT_DAMAGED when its last line is not as it was written
   */
  static async open(options: ChainOptions): Promise<Chain> {
    await makeFolder(options.folder);
    const lock = await lockFolder(options.folder, { waitForMs: options.waitForMs });
    try {
      const tail = await findTail(options);
      const handle = await open(tail.file.path, 'a', 0o600);
      await handle.truncate(tail.sizeBytes);
      await syncFolder(options.folder);
      const chain = new Chain(options, lock, handle, tail);
      if (tail.tornBytes > 0) await chain.append({ what: 'audit.torn', of: { bytes: tail.tornBytes } });
      return chain;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(options: ChainOptions, lock: Disposable, handle: FileHandle, tail: Tail) {
    this.#options = options;
    this.#lock = lock;
    this.#handle = handle;
    this.#file = tail.file;
    this.#sizeBytes = tail.sizeBytes;
    this.#head = tail.head;
  }

  get head(): Head {
    return this.#head;
  }

  /**
   * Appends one line. Nothing is left of a line whose writing failed.
   *
   * @throws {AuditError} AUDIT_DAMAGED when the file was changed by somebody else
   * @throws the error of the file system otherwise
   */
  append(act: Act): Promise<Head> {
    const written = this.#last.then(() => this.#append(act));
    this.#last = written.catch(() => {});
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#handle.close();
    this.#lock[Symbol.dispose]();
  }

  async #append(act: Act): Promise<Head> {
    const { maxFileBytes = MIB } = this.#options;
    if (this.#sizeBytes >= maxFileBytes) await this.#rotate();
    return this.#write(act);
  }

  async #write(act: Act): Promise<Head> {
    await this.#requireUntouched();
    const { writer, now = () => new Date() } = this.#options;
    const { seq, hash: prev } = this.#head;
    const { text, head } = renderLine(act, { writer, at: now().toISOString(), seq: seq + 1, prev });
    try {
      await this.#handle.appendFile(`${text}\n`);
      await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += Buffer.byteLength(text) + 1;
    this.#head = head;
    return head;
  }

  /** A file that was replaced or shortened would go unnoticed if the chain went on in the one that lost its name. */
  async #requireUntouched(): Promise<void> {
    const [open, named] = await Promise.all([
      this.#handle.stat(),
      stat(this.#file.path).catch(() => undefined),
    ]);
    if (named?.ino === open.ino && open.size === this.#sizeBytes) return;
    throw new AuditError('AUDIT_DAMAGED', {
      detail: `${this.#file.name} was changed while it was being written`,
    });
  }

  async #rotate(): Promise<void> {
    const file = chainFile(this.#options.folder, this.#head.seq + 1);
    const handle = await open(file.path, 'a', 0o600);
    await syncFolder(this.#options.folder);
    await this.#handle.close();
    this.#handle = handle;
    this.#file = file;
    this.#sizeBytes = 0;
    await this.#prune();
  }

  /** The line comes before the deletion: a chain that begins behind it is whole. */
  async #prune(): Promise<void> {
    const { folder, maxFiles = 64 } = this.#options;
    const files = await listChainFiles(folder);
    for (const [index, file] of files.slice(0, Math.max(0, files.length - maxFiles)).entries()) {
      const next = files[index + 1];
      const { prev } = parseLine((await readLines(next ?? file)).lines[0] ?? '')?.line ?? {};
      if (next === undefined || prev === undefined) return;
      await this.#write({ what: PRUNE, of: { through: next.firstSeq - 1, hash: prev, file: file.name } });
      await rm(file.path);
    }
  }
}

/** Makes the name of a new file survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}

async function findTail({ folder, writer }: ChainOptions): Promise<Tail> {
  const files = await listChainFiles(folder);
  let tornBytes = 0;
  for (const file of files.toReversed()) {
    const text = await readLines(file);
    tornBytes += text.tornBytes;
    const last = text.lines.at(-1);
    if (last === undefined) {
      // The crash came between the making of a file and the end of its first line.
      await rm(file.path);
      continue;
    }
    const parsed = parseLine(last);
    if (!parsed?.isIntact) throw damaged(writer, file, text.lines.length);
    const { seq, hash } = parsed.line;
    return { head: { seq, hash }, file, sizeBytes: text.sizeBytes, tornBytes };
  }
  return { head: GENESIS, file: chainFile(folder, 1), sizeBytes: 0, tornBytes };
}

function damaged(writer: string, { name }: ChainFile, lineNumber: number): AuditError {
  const place = `line ${lineNumber} of ${writer}/${name} is not as it was written`;
  const remedy = `"xnai audit verify" shows more; move the folder ${writer} away and keep it to begin a new chain`;
  return new AuditError('AUDIT_DAMAGED', { detail: `${place}. ${remedy}` });
}
