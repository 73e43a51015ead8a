import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Duty, Lead } from '../lead.ts';
import { type ConnectionsOptions, configOf } from './connections.ts';
import { LOCK_CLASS } from './migrate.ts';

/** The numbers of their locks. */
const LOCKS: Readonly<Record<Duty, number>> = { embedding: 101, renewal: 102 };

export interface LeadTimes {
  /** How often others ask whether they may lead, and the one that leads says that it still does. */
  readonly askEveryMs: number;
  /** One that has no answer for this long leads no more. */
  readonly answerMs: number;
  /** The server ends the session of one that it has not heard of for this long: longer than the two before. */
  readonly silentMs: number;
}

const TIMES: LeadTimes = { askEveryMs: 5_000, answerMs: 10_000, silentMs: 20_000 };

/** Waits until this process alone holds the advisory lock of the duty, in a session that does nothing else. */
export async function takeLead(
  options: Omit<ConnectionsOptions, 'size'>,
  {
    duty,
    signal,
    times = TIMES,
  }: { readonly duty: Duty; readonly signal: AbortSignal; readonly times?: LeadTimes },
): Promise<Lead> {
  for (;;) {
    signal.throwIfAborted();
    // A server that cannot be asked is asked again, as one whose lock another process has.
    const lead = await tryLead(options, duty, times).catch(() => undefined);
    if (lead !== undefined) return lead;
    await sleep(times.askEveryMs, undefined, { signal });
  }
}

async function tryLead(
  options: Omit<ConnectionsOptions, 'size'>,
  duty: Duty,
  { askEveryMs, answerMs, silentMs }: LeadTimes,
): Promise<Lead | undefined> {
  const name = `xnai-rag ${duty}`;
  const client = new pg.Client({ ...configOf(options), application_name: name, query_timeout: answerMs });
  const lost = new AbortController();
  const lose = () => lost.abort(new Error(`the lead of ${duty} is lost`));
  client.on('error', lose).on('end', lose);
  await client.connect();
  const end = () => client.end().catch(() => {});
  try {
    const sql = 'SELECT pg_try_advisory_lock($1, $2) AS leads';
    const { rows } = await client.query(sql, [LOCK_CLASS, LOCKS[duty]]);
    if (rows[0]?.leads !== true) return void (await end());
    await client.query(`SET idle_session_timeout = ${silentMs}`);
  } catch (error) {
    await end();
    throw error;
  }
  const timer = setInterval(() => void client.query('SELECT 1').catch(lose), askEveryMs);
  return {
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await end();
    },
  };
}
