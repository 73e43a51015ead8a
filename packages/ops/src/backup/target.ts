/** Where backups are kept. */
export interface Target {
  /** Without credentials. */
  readonly name: string;
  /** Where an archive is written before it is put here. */
  readonly workFolder: string;
  /** @throws {BackupError} NOT_FOUND when there is no such target, as before the first backup */
  list(): Promise<readonly string[]>;
  /** Takes over a file; only the whole file gets the name. */
  put(name: string, file: string, signal: AbortSignal): Promise<void>;
  /** @throws {BackupError} NOT_FOUND */
  get(name: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  remove(name: string): Promise<void>;
}
