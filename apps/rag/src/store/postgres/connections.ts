import pg from 'pg';
import type { StoreCallOptions } from '../store-call.ts';
import { bothOf, type Db, type Statement, toDb } from './db.ts';
import { fromPostgres, isConflict, isCut, isSilent } from './postgres-failure.ts';
import { Turns } from './turns.ts';
import { TYPES } from './types.ts';
import { UnderWay } from './under-way.ts';

export interface ConnectionsOptions {
  /** `postgres://user@host:5432/database`. */
  readonly url: string;
  /** In place of the one in the URL. */
  readonly password?: string | undefined;
  /** The most at a time; half of them write. */
  readonly size: number;
  /** Of a statement where its caller names no time. Default: a minute. Infinity: none. */
  readonly timeoutMs?: number | undefined;
  /** How long a call waits for a connection. Default: as `LONGEST_WAIT_MS`. */
  readonly waitMs?: Readonly<Record<Kind, number>> | undefined;
}

type Kind = 'read' | 'write';

type Work<T> = (db: Db) => Promise<T>;

export interface Connections extends AsyncDisposable {
  /**
   * In one snapshot of the database.
   *
   * @throws {StoreError} OVERLOADED where others have all connections for too long. A call without a signal is one for which
   *   nobody waits: it has time
   */
  read<T>(work: Work<T>, options?: StoreCallOptions): Promise<T>;
  /**
   * In one transaction: wholly there, or not at all. Begins anew where the server or the network ended it before its commit.
   *
   * @throws {StoreError} as `read`
   */
  write<T>(work: Work<T>, options?: StoreCallOptions): Promise<T>;
}

/** Where nobody says how long: as the breaker of the store has it. */
const DEFAULT_TIMEOUT_MS = 60_000;
/**
 * After which a call is refused, so that its client can come again: one that asks has gone away after longer, and a document
 * takes some seconds itself. The time of the breaker, which counts them as failures, must not be over before.
 */
const LONGEST_WAIT_MS = { read: 5_000, write: 20_000 } as const satisfies Record<Kind, number>;
/** Also of an event loop that is held up. */
const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_IDLE_MS = 60_000;
/** Of a server that should have answered: the network dropped it without a word. */
const SILENCE_MS = 5_000;
/**
 * Of a transaction and not of a connection, which a pooler before the server may give to others. One of which this process
 * says nothing more is ended by the server.
 */
const SETTINGS = {
  search_path: 'xnai, public',
  timezone: "'UTC'",
  jit: 'off',
  idle_in_transaction_session_timeout: 60_000,
};
const SET_LOCAL = Object.entries(SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${value}`);
const ATTEMPTS = 5;

const BEGIN: Readonly<Record<Kind, string>> = {
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  write: 'BEGIN',
};

/** @throws {StoreError} STORE_CLOSED once it is closed */
export function openConnections(options: ConnectionsOptions): Connections {
  const { url, password, size, timeoutMs = DEFAULT_TIMEOUT_MS, waitMs = LONGEST_WAIT_MS } = options;
  const config = configOf({ url, password });
  const silence = timeoutMs === Infinity ? {} : { query_timeout: timeoutMs + SILENCE_MS };
  // What does not need the answer of the statement before is sent behind it.
  const pool = new pg.Pool({ ...config, max: size, pipeline: true, ...silence });
  // To cancel, when all others are at work. Opened at the first cancel.
  const control = new pg.Pool({ ...config, max: 1, query_timeout: SILENCE_MS });
  // What others ask for must not keep a check from its answer.
  const checking = new pg.Pool({ ...config, max: 1, pipeline: true, ...silence });
  for (const one of [pool, control, checking]) forgetLost(one);
  // They wait here and not in the pool, which counts it for the time of connecting.
  const turns = new Turns(size);
  const writers = new Turns(Math.ceil(size / 2));
  const checks = new Turns(1);
  const underWay = new UnderWay();
  let isEnded = false;

  const transact = <T>(kind: Kind, work: Work<T>, options: StoreCallOptions = {}) =>
    underWay.add(async () => {
      const { signal, isCheck = false } = options;
      const mostMs = signal === undefined ? Infinity : waitMs[kind];
      using _writer = kind === 'write' ? await writers.take(signal, mostMs) : undefined;
      using _turn = await (isCheck ? checks : turns).take(signal, mostMs);
      const transaction = { kind, work, timeoutMs, options };
      const pools = { pool: isCheck ? checking : pool, control };
      return await attempt(() => inTransaction(pools, transaction));
    });

  return {
    read: (work, options) => transact('read', work, options),
    write: (work, options) => transact('write', work, options),
    async [Symbol.asyncDispose]() {
      if (isEnded) return;
      isEnded = true;
      await underWay.end();
      await Promise.all([pool, control, checking].map((one) => one.end()));
    },
  };
}

export function configOf({ url, password }: Omit<ConnectionsOptions, 'size'>): pg.PoolConfig {
  return {
    connectionString: withPassword(url, password),
    types: TYPES,
    application_name: 'xnai-rag',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: KEEP_IDLE_MS,
  };
}

/**
 * A connection that is lost while it idles is replaced by the pool. At work it fails the statement that runs; its event, which
 * nothing else takes, would end the process.
 */
function forgetLost(pool: pg.Pool): void {
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
}

/** The driver prefers what the URL has, also where that is nothing. */
function withPassword(url: string, password: string | undefined): string {
  const full = new URL(url);
  if (password !== undefined) full.password = encodeURIComponent(password);
  return full.href;
}

interface Attempted<T> {
  readonly value?: T;
  /** Why the transaction was ended by others, before its commit was sent. */
  readonly again?: unknown;
}

async function attempt<T>(once: () => Promise<Attempted<T>>): Promise<T> {
  for (let n = 1; ; n += 1) {
    const { value, again } = await once();
    if (again === undefined) return value as T;
    if (n === ATTEMPTS) throw fromPostgres(again);
  }
}

interface Transaction<T> {
  readonly kind: Kind;
  readonly work: Work<T>;
  readonly timeoutMs: number;
  readonly options: StoreCallOptions;
}

interface Pools {
  readonly pool: pg.Pool;
  readonly control: pg.Pool;
}

async function inTransaction<T>(
  { pool, control }: Pools,
  { kind, work, timeoutMs, options: { signal, deadline } }: Transaction<T>,
): Promise<Attempted<T>> {
  const client = await connect(pool, signal);
  const cancelled = cancelOnAbort(client, control, signal);
  let committed: Promise<unknown> | undefined;
  let fault: unknown;
  try {
    signal?.throwIfAborted();
    const limit = timeLimit(Math.min(deadline?.remainingMs() ?? Infinity, timeoutMs));
    const begun = client.query([BEGIN[kind], ...SET_LOCAL, limit].join('; '));
    // What is written must not be outside of a transaction, where that did not begin.
    if (kind === 'write') await begun;
    const ending: Statement[] = [];
    const [, value] = await bothOf(begun, work(toDb(client, ending)));
    signal?.throwIfAborted();
    const ended = Promise.all(ending.map((statement) => client.query(statement)));
    // One of these that fails makes it a rollback.
    committed = client.query('COMMIT');
    if (kind === 'write') await bothOf(ended, committed);
    return { value };
  } catch (error) {
    fault = error;
    signal?.throwIfAborted();
    if (isConflict(error) || (committed === undefined && isCut(error))) return { again: error };
    throw fromPostgres(error);
  } finally {
    // Before the connection serves another, whom a late cancel would hit.
    await cancelled.ended();
    if (fault === undefined) void release(client, committed);
    else client.release(isSilent(fault) || !(await rollBack(client)));
  }
}

/** What was read is there before the server has answered to the commit. */
async function release(client: pg.PoolClient, committed: Promise<unknown> | undefined): Promise<void> {
  try {
    await committed;
    client.release();
  } catch {
    client.release(true);
  }
}

function timeLimit(ms: number): string {
  return `SET LOCAL statement_timeout = ${ms === Infinity ? 0 : Math.max(1, Math.ceil(ms))}`;
}

/** One that comes when nobody waits for it any more goes back. */
async function connect(pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  const { promise, reject } = Promise.withResolvers<never>();
  let isTaken = false;
  const onAbort = () => {
    if (isTaken) return;
    connecting.then((client) => client.release()).catch(() => {});
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const taking = connecting.then((client) => {
    isTaken = signal?.aborted !== true;
    return client;
  });
  try {
    return await Promise.race([taking, promise]);
  } catch (error) {
    signal?.throwIfAborted();
    throw fromPostgres(error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** False for a connection that is of no more use. */
async function rollBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

/** Ends on the server what is no longer wanted here. */
function cancelOnAbort(client: pg.PoolClient, control: pg.Pool, signal: AbortSignal | undefined) {
  let cancelling: Promise<unknown> = Promise.resolve();
  const pid = (client as pg.PoolClient & { readonly processID: number | null }).processID;
  const onAbort = () => {
    cancelling = control.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => {});
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    ended: () => {
      signal?.removeEventListener('abort', onAbort);
      return cancelling;
    },
  };
}
