import { join } from 'node:path';
import { ensureSigningKey } from '@xnai/secrets';
import type { Act, AuditLog, AuditState } from '@xnai/service';
import { AuditError } from './audit-error.ts';
import { Chain } from './chain.ts';
import { listWriters } from './chain-files.ts';
import { createCheckpoint } from './checkpoint.ts';
import type { Head } from './line.ts';
import { readHead } from './read-head.ts';

export interface AuditOptions {
  /** Of all chains; each writer has a folder of its own in it. */
  readonly folder: string;
  /** Ed25519, PEM; made when it is missing. Not in `folder`: it would vouch for nothing. */
  readonly keyFile: string;
  readonly writer: string;
  /** Who acts where an act does not say. */
  readonly by: string;
  readonly maxFileBytes?: number | undefined;
  readonly maxFiles?: number | undefined;
  readonly waitForMs?: number | undefined;
  readonly checkpointEveryMs?: number | undefined;
  /** Told of each checkpoint, so that its hash is also known elsewhere. */
  readonly onCheckpoint?: ((head: Head) => void) | undefined;
  /** A checkpoint that could not be written. Acts that cannot be recorded are told to those who ask for them. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const CHECKPOINT_MS = 5 * 60_000;

/**
 * One writer's chain. It signs a checkpoint every five minutes in which something was recorded, and when it is closed.
 * While the chain cannot be written, `record` throws, and tries again each time.
 */
export class Audit implements AuditLog, AsyncDisposable {
  readonly #options: AuditOptions;
  readonly #timer: NodeJS.Timeout;
  #chain: Promise<Chain> | undefined;
  #checkpoint: Head | undefined;
  #failure: string | undefined;

  constructor(options: AuditOptions) {
    const { checkpointEveryMs = CHECKPOINT_MS, onError } = options;
    this.#options = options;
    const end = () => this.checkpoint().catch((error: unknown) => onError?.(error));
    this.#timer = setInterval(end, checkpointEveryMs).unref();
  }

  /** @throws {AuditError} when the line is not on the disk: the act must not be done then */
  record(act: Act): Promise<Head> {
    return this.#append(async () => ({ by: this.#options.by, ...act }));
  }

  /** Signs the last lines of all chains, unless nothing was recorded since the last time. */
  async checkpoint(): Promise<void> {
    const last = (await this.#chain?.catch(() => undefined))?.head;
    if (last !== undefined && last.seq === this.#checkpoint?.seq) return;
    const head = await this.#append((chain) => this.#createCheckpoint(chain));
    this.#checkpoint = head;
    this.#options.onCheckpoint?.(head);
  }

  state(): AuditState {
    return { writer: this.#options.writer, checkpoint: this.#checkpoint, failure: this.#failure };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.checkpoint().catch((error: unknown) => this.#options.onError?.(error));
    await (await this.#chain?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #append(create: (chain: Chain) => Promise<Act>): Promise<Head> {
    try {
      const chain = await this.#open();
      const head = await chain.append(await create(chain));
      this.#failure = undefined;
      return head;
    } catch (error) {
      const failure = toAuditError(error);
      this.#failure = failure.message;
      throw failure;
    }
  }

  #open(): Promise<Chain> {
    const { folder, writer } = this.#options;
    this.#chain ??= Chain.open({ ...this.#options, folder: join(folder, writer) }).catch((error) => {
      this.#chain = undefined;
      throw error;
    });
    return this.#chain;
  }

  async #createCheckpoint(chain: Chain): Promise<Act> {
    const { folder, writer, keyFile } = this.#options;
    const key = await ensureSigningKey(keyFile);
    const others = (await listWriters(folder)).filter((name) => name !== writer);
    const heads = await Promise.all(others.map(async (name) => [name, await readHead(join(folder, name))]));
    return createCheckpoint({ ...Object.fromEntries(heads), [writer]: chain.head }, key);
  }
}

function toAuditError(error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const detail = code === 'LOCKED' ? 'another process is writing to it' : (code ?? message);
  return new AuditError('AUDIT_UNAVAILABLE', {
    detail: `the audit chain cannot be written: ${detail}`,
    cause: error,
  });
}
