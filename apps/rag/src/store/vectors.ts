import type { ChunkRef, StoreCallOptions } from './store-call.ts';

/** By what vectors are made. Those of two sets never meet. */
export interface VectorSet {
  /** A hash of all that a vector depends on: the model's file, the prefixes, the dimensions. */
  readonly id: string;
  readonly model: string;
  readonly dimensions: number;
}

/** A question's vector. It is compared with those of its own set only. */
export interface QueryVector {
  /** Id of the set. */
  readonly set: string;
  readonly values: Float32Array;
}

/**
 * The vectors of the chunks. One is kept for each text, however many chunks have it, until the last of these is deleted.
 * One set is made, and the last whole one is kept beside it; they are the same once every chunk has its vector, or a
 * reason to have none. Chunks that are added later are pending again. A question's vector is compared with what there is
 * of its own set, which may be either.
 */
export interface VectorStore {
  /**
   * From now on vectors of this set are made. The last whole one is kept until this one is whole, unless there is no room
   * for both. Does nothing for the set that is made already.
   */
  begin(set: VectorSet, options?: StoreCallOptions): Promise<void>;
  /** From now on no vectors are made, and those there are go in the background. Returns whether there were any. */
  discard(options?: StoreCallOptions): Promise<boolean>;
  /** Texts without a vector in the set that is made, oldest first, each once: at most `limit`, and one or more if there are any. */
  pending(limit: number, options?: StoreCallOptions): Promise<readonly PendingText[]>;
  /**
   * Keeps the vectors of texts, whatever their lengths, for all chunks that have these texts now. Does nothing where
   * `set` (an id) is not the set that is made, or a text is gone.
   *
   * @throws {StoreError} VECTOR_UNFIT for other dimensions, numbers that are not finite, or only zeros; STORAGE_FULL
   */
  put(set: string, vectors: readonly TextVector[], options?: StoreCallOptions): Promise<void>;
  /** Gives the text up in this set (an id): no chunk that has it is pending, and the set is whole without it. */
  quarantine(set: string, text: QuarantinedText, options?: StoreCallOptions): Promise<void>;
  /** Of one collection, or of all. */
  stats(collection?: string, options?: StoreCallOptions): Promise<VectorStats>;
  /** How many chunks of one collection, or of all, have a vector in the set that is made that was put with `isDivided`. */
  divided(collection?: string, options?: StoreCallOptions): Promise<number>;
  /** The chunks of a collection whose texts were given up in the set that is made: at most `limit`. */
  quarantined(
    collection: string,
    limit: number,
    options?: StoreCallOptions,
  ): Promise<readonly QuarantinedChunk[]>;
  /**
   * Keeps what a check of a collection found, in the place of what the last one of this set did, until the collection or
   * the set is deleted. Does nothing where either is gone.
   */
  keepCheck(check: SetCheck, options?: StoreCallOptions): Promise<void>;
  /** What checks of the sets that are made or searched found, in all collections. */
  checks(options?: StoreCallOptions): Promise<readonly SetCheck[]>;
}

/** What was found out about the vectors of a set in one collection. */
export interface SetCheck {
  readonly collection: string;
  /** Id of the set. */
  readonly set: string;
  /** How many the collection had then. */
  readonly chunks: number;
  /** ISO 8601. */
  readonly checkedAt: string;
  /** JSON, which the store hands back as it is. */
  readonly found: string;
}

export interface PendingText {
  /** Of the text: equal texts have one hash. */
  readonly hash: string;
  /** A chunk's text under the title of its document and its headings. */
  readonly text: string;
  /** Of the first chunk that has it. */
  readonly collection: string;
}

export interface TextVector {
  readonly hash: string;
  readonly vector: Float32Array;
  /** The text was longer than the context of the model and read in parts. */
  readonly isDivided?: boolean;
}

export interface QuarantinedText {
  readonly hash: string;
  readonly reason: string;
}

export interface QuarantinedChunk extends ChunkRef {
  readonly reason: string;
}

export interface VectorStats {
  /** The last set that was whole. Undefined: none ever was, or it had to make room. */
  readonly searched: VectorSetStats | undefined;
  /** Undefined until `begin`. */
  readonly made: VectorSetStats | undefined;
}

/** Counts are of chunks, and together those of the collection, or of all collections. */
export interface VectorSetStats extends VectorSet {
  readonly embedded: number;
  readonly pending: number;
  readonly quarantined: number;
}
