import pg from 'pg';
import { StoreError } from '../store-error.ts';
import { type Connections, type ConnectionsOptions, configOf } from './connections.ts';
import { toDb } from './db.ts';
import { type GraphLimits, graphsToChange } from './graphs.ts';
import { tryLockGraphs } from './locks.ts';
import { isCut, stateOf } from './postgres-failure.ts';

/** To look costs some milliseconds, and to make a graph a second or more. */
const LOOK_EVERY_MS = 10_000;
/** At most, to try again what failed: each time twice as long as before. */
const LONGEST_MS = 300_000;
/** A server that makes a graph for a process that is gone gives it up. */
const GIVE_UP = "SET client_connection_check_interval = '2s'";
/**
 * The role or the database may have limits of time, and a graph of millions of vectors takes hours. Several processes would
 * share `maintenance_work_mem`, for which a container seldom has room: its /dev/shm has 64 MB.
 */
const SETTINGS = `SET search_path = 'xnai', 'public'; SET statement_timeout = 0; SET lock_timeout = 0;
  SET max_parallel_maintenance_workers = 0`;

export interface GraphKeeperOptions {
  readonly server: Omit<ConnectionsOptions, 'size'>;
  readonly limits: GraphLimits;
  readonly lookEveryMs?: number | undefined;
  readonly onFault: (error: unknown) => void;
}

/**
 * Makes and drops the graphs of collections in the background, in a session of its own, and in one process at a time: two
 * indexes that are made at once wait for each other. The others look again until nothing is left to be done.
 */
export class GraphKeeper {
  readonly #connections: Pick<Connections, 'read'>;
  readonly #options: GraphKeeperOptions;
  readonly #ended = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  /** Something was changed since the last look began. */
  #isNoted = false;
  #delayMs: number;

  constructor(connections: Pick<Connections, 'read'>, options: GraphKeeperOptions) {
    this.#connections = connections;
    this.#options = options;
    this.#delayMs = this.#lookEveryMs;
  }

  /** After each change. */
  note(): void {
    this.#isNoted = true;
    if (this.#timer !== undefined || this.#ended.signal.aborted) return;
    const work = () => {
      this.#working = this.#work();
    };
    this.#timer = setTimeout(work, this.#delayMs);
    this.#timer.unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended.abort();
    await this.#working;
  }

  get #lookEveryMs(): number {
    return this.#options.lookEveryMs ?? LOOK_EVERY_MS;
  }

  /** What fails is tried again, also where nothing is changed any more. */
  async #work(): Promise<void> {
    this.#isNoted = false;
    try {
      const { limits } = this.#options;
      const toDo = await this.#connections.read((db) => graphsToChange(db, limits));
      if (toDo.length > 0) {
        await this.#change();
        this.#isNoted = true;
      }
      this.#delayMs = this.#lookEveryMs;
    } catch (error) {
      const isExpected = error instanceof StoreError && error.code === 'STORE_CLOSED';
      if (!isExpected && !this.#ended.signal.aborted) this.#fail(error);
    } finally {
      this.#timer = undefined;
    }
    if (this.#isNoted) this.note();
  }

  #fail(error: unknown): void {
    this.#isNoted = true;
    this.#delayMs = Math.max(this.#delayMs, Math.min(2 * this.#delayMs, LONGEST_MS));
    this.#options.onFault(error);
  }

  async #change(): Promise<void> {
    const { signal } = this.#ended;
    signal.throwIfAborted();
    const client = new pg.Client({ ...configOf(this.#options.server), application_name: 'xnai-rag graphs' });
    client.on('error', () => {});
    const end = () => void client.end().catch(() => {});
    signal.addEventListener('abort', end, { once: true });
    try {
      await client.connect();
      await client.query(SETTINGS);
      // Not every system that a server runs on can tell.
      await client.query(GIVE_UP).catch(unlessLost);
      const db = toDb(client);
      if (!(await tryLockGraphs(db))) return;
      const { limits } = this.#options;
      for (const sql of await graphsToChange(db, limits)) await client.query(sql).catch(unlessGone);
    } finally {
      signal.removeEventListener('abort', end);
      await client.end().catch(() => {});
    }
  }
}

function unlessLost(error: unknown): void {
  if (isCut(error)) throw error;
}

/** The table of an old set: the next look says what is left to be done. */
function unlessGone(error: unknown): void {
  if (stateOf(error) !== '42P01') throw error;
}
