import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Duty, Lead, LeadMark, LeadWanted } from '../lead.ts';
import { StoreError } from '../store-error.ts';
import { type ConnectionsOptions, configOf } from './connections.ts';
import type { Db } from './db.ts';
import { LOCK_CLASS } from './migrate.ts';
import { fromPostgres } from './postgres-failure.ts';

/** The numbers of their locks. */
const LOCKS: Readonly<Record<Duty, number>> = { embedding: 101, renewal: 102, 'self-check': 103 };

export interface LeadTimes {
  /** How often others ask whether they may lead, and the one that leads says that it still does. */
  readonly askEveryMs: number;
  /** One that has no answer for this long leads no more. */
  readonly answerMs: number;
  /** The server ends the session of one that it has not heard of for this long: longer than the two before. */
  readonly silentMs: number;
}

const TIMES: LeadTimes = { askEveryMs: 5_000, answerMs: 10_000, silentMs: 20_000 };

type Server = Omit<ConnectionsOptions, 'size'>;

/** Waits until this process alone holds the advisory lock of the duty, in a session that does nothing else. */
export async function takeLead(
  server: Server,
  { duty, signal, onTried, times = TIMES }: LeadWanted & { readonly times?: LeadTimes },
): Promise<Lead> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const lead = await tryLead(server, duty, times);
      onTried({ kind: lead === undefined ? 'waits' : 'leads' });
      if (lead !== undefined) return lead;
    } catch (error) {
      onTried({ kind: 'unknown', error: fromPostgres(error) });
    }
    await sleep(times.askEveryMs, undefined, { signal });
  }
}

async function tryLead(server: Server, duty: Duty, times: LeadTimes): Promise<Lead | undefined> {
  const { askEveryMs, answerMs } = times;
  const name = `xnai-rag ${duty}`;
  const client = new pg.Client({ ...configOf(server), application_name: name, query_timeout: answerMs });
  const lost = new AbortController();
  const lose = (cause?: unknown) => lost.abort(new Error(`the lead of ${duty} is lost`, { cause }));
  client.on('error', lose).on('end', () => lose());
  await client.connect();
  let generation: number | undefined;
  try {
    generation = await lockDuty(client, duty, times);
  } catch (error) {
    await endSession(client);
    throw error;
  }
  if (generation === undefined) return void (await endSession(client));
  void keepAlive(client, { askEveryMs, signal: lost.signal }).catch(async (error: unknown) => {
    lose(error);
    await endSession(client);
  });
  return {
    duty,
    generation,
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      lose();
      await endSession(client);
    },
  };
}

/** Until the signal aborts, which is an error like any other. */
async function keepAlive(
  client: pg.Client,
  { askEveryMs, signal }: { readonly askEveryMs: number; readonly signal: AbortSignal },
): Promise<never> {
  for (;;) {
    await sleep(askEveryMs, undefined, { signal });
    await client.query('SELECT 1');
  }
}

const END_MS = 1_000;

/** A server that is not heard does not say either that the session has ended. */
async function endSession(client: pg.Client): Promise<void> {
  const ended = client.end().catch(() => {});
  await Promise.race([ended, sleep(END_MS, undefined, { ref: false })]);
  client.connection.stream.destroy();
}

/** The generation of the lead; undefined where another session holds the lock. */
async function lockDuty(
  client: pg.Client,
  duty: Duty,
  { answerMs, silentMs }: LeadTimes,
): Promise<number | undefined> {
  const locked = await client.query('SELECT pg_try_advisory_lock($1, $2) AS leads', [
    LOCK_CLASS,
    LOCKS[duty],
  ]);
  if (locked.rows[0]?.leads !== true) return undefined;
  await client.query(`SET idle_session_timeout = ${silentMs}`);
  // It waits for what the lead before is about to commit; the server is to give up before this side does.
  await client.query(`SET lock_timeout = ${Math.ceil(answerMs / 2)}`);
  const sql = 'UPDATE xnai.leads SET generation = generation + 1 WHERE duty = $1 RETURNING generation';
  return Number((await client.query(sql, [duty])).rows[0]?.generation);
}

/**
 * Refuses the work of a lead after which another one has led. Until the end of the transaction no other one begins to.
 *
 * @throws {StoreError} LEAD_LOST
 */
export async function requireLead(db: Db, lead: LeadMark | undefined): Promise<void> {
  if (lead === undefined) return;
  const row = await db.get('SELECT generation FROM leads WHERE duty = $1 FOR SHARE', lead.duty);
  const generation = Number(row?.['generation']);
  if (generation === lead.generation) return;
  const detail = `this is work of lead ${lead.generation} of ${lead.duty}, and lead ${generation} has begun`;
  throw new StoreError('LEAD_LOST', { detail });
}
