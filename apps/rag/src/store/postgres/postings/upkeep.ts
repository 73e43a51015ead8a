import { StoreError } from '../../store-error.ts';
import { collectionId } from '../collections.ts';
import type { Connections } from '../connections.ts';
import { type PackLimits, packCollection } from './pack.ts';

/** A collection is looked at each time that this part of a segment was written to it. */
const LOOKS = 4;
/** Those who write wait where this many segments were written since it was last brought in order. */
const MOST_BEHIND = 8;

/** Brings the lists of collections in order that this process writes to, in the background. */
export class Upkeep {
  readonly #connections: Pick<Connections, 'read' | 'write'>;
  readonly #limits: PackLimits;
  readonly #onFault: (error: unknown) => void;
  /** How many chunks were written to a collection since a look at it began. */
  readonly #written = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(
    connections: Pick<Connections, 'read' | 'write'>,
    { limits, onFault }: { readonly limits: PackLimits; readonly onFault: (error: unknown) => void },
  ) {
    this.#connections = connections;
    this.#limits = limits;
    this.#onFault = onFault;
  }

  /** After a change of as many chunks, of which a deletion counts as one. Waits only where writers are too far ahead, and as long as the caller does. */
  async note(collection: string, chunks: number, signal?: AbortSignal): Promise<void> {
    const written = (this.#written.get(collection) ?? 0) + Math.max(1, chunks);
    this.#written.set(collection, written);
    this.#beginIfMany(collection);
    if (written >= this.#limits.chunks * MOST_BEHIND)
      await unlessAborted(this.#underWay.get(collection), signal);
  }

  #beginIfMany(collection: string): void {
    const written = this.#written.get(collection) ?? 0;
    if (written >= this.#limits.chunks / LOOKS && !this.#underWay.has(collection)) this.#begin(collection);
  }

  #begin(collection: string): void {
    this.#written.delete(collection);
    const done = this.#pack(collection)
      // The next change tries again.
      .catch((error) => {
        if (!(error instanceof StoreError && error.code === 'STORE_CLOSED')) this.#onFault(error);
      })
      .finally(() => {
        this.#underWay.delete(collection);
        // What was written meanwhile, after which nothing may come for long.
        this.#beginIfMany(collection);
      });
    this.#underWay.set(collection, done);
  }

  async #pack(name: string): Promise<void> {
    const id = await this.#connections.read((db) => collectionId(db, name));
    if (id !== undefined) await packCollection(this.#connections, { id, name }, this.#limits);
  }
}

/** What was changed stays so: the abort ends the wait alone. */
async function unlessAborted(
  done: Promise<void> | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  signal?.addEventListener('abort', onAbort, { once: true });
  await Promise.race([done, aborted]);
  signal?.removeEventListener('abort', onAbort);
}
