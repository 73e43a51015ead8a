import pg from 'pg';
import { StoreError } from '../store-error.ts';
import { type Connections, type ConnectionsOptions, configOf } from './connections.ts';
import { toDb } from './db.ts';
import { type GraphLimits, graphsToChange } from './graphs.ts';
import { tryLockGraphs } from './locks.ts';
import { isCut, stateOf } from './postgres-failure.ts';

/** To look costs some milliseconds, and to make a graph a second or more. */
const LOOK_EVERY_MS = 10_000;
/** A server that makes a graph for a process that is gone gives it up. */
const GIVE_UP = "SET client_connection_check_interval = '2s'";

/** Several processes would share `maintenance_work_mem`, for which a container seldom has room: its /dev/shm has 64 MB. */
const ALONE = 'SET max_parallel_maintenance_workers = 0';

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

  constructor(connections: Pick<Connections, 'read'>, options: GraphKeeperOptions) {
    this.#connections = connections;
    this.#options = options;
  }

  /** After each change. */
  note(): void {
    this.#isNoted = true;
    if (this.#timer !== undefined || this.#ended.signal.aborted) return;
    const work = () => {
      this.#working = this.#work();
    };
    this.#timer = setTimeout(work, this.#options.lookEveryMs ?? LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended.abort();
    await this.#working;
  }

  /** What fails is tried again after a later change. */
  async #work(): Promise<void> {
    this.#isNoted = false;
    try {
      const { limits } = this.#options;
      const toDo = await this.#connections.read((db) => graphsToChange(db, limits));
      if (toDo.length > 0) {
        await this.#change();
        this.#isNoted = true;
      }
    } catch (error) {
      const isExpected = error instanceof StoreError && error.code === 'STORE_CLOSED';
      if (!isExpected && !this.#ended.signal.aborted) this.#options.onFault(error);
    } finally {
      this.#timer = undefined;
    }
    if (this.#isNoted) this.note();
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
      await client.query("SET search_path = 'xnai', 'public'");
      await client.query(ALONE);
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
