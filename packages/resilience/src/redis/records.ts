import type { ChainableCommander, Redis } from 'ioredis';
import { clamp } from '../circuit/clamp.ts';
import type { Command, Refusal } from '../circuit/command.ts';
import type { CircuitRules } from '../circuit/rules.ts';
import {
  type Answer,
  type AuditEntry,
  type BreakerStore,
  type FamilyTarget,
  presenceMs,
  type StoredBreaker,
} from '../store/store.ts';
import { parseView, type View, viewOf } from '../store/view.ts';
import { circuitOf, recordFields } from './record.ts';
import { readScripts, run, type ScriptName } from './scripts.ts';
import { wireRules } from './wire.ts';

/** How the server's clock is asked within a pipeline. */
interface ServerTime {
  ask(pipeline: ChainableCommander): ChainableCommander;
  /** In milliseconds. */
  read(answer: unknown): number;
}

export type Records = Pick<BreakerStore, 'read' | 'send' | 'members' | 'announce' | 'audit'> & {
  readonly channel: string;
};

export interface RecordsOptions {
  /** Read when first needed: making a store does no I/O. */
  readonly scriptsOf?: typeof readScripts;
  readonly time?: ServerTime;
}

/** Before every key and channel. */
const prefix = 'xnai:brk:';

/** The records of breakers, over a connection. */
export const createRecords = (
  client: Redis,
  { scriptsOf = readScripts, time = redisTime }: RecordsOptions = {},
): Records => {
  let scripts: ReturnType<typeof readScripts> | undefined;
  const script = (name: ScriptName) => {
    scripts ??= scriptsOf();
    return scripts[name];
  };
  const channel = `${prefix}ev`;
  const auditKey = `${prefix}audit`;
  const membersKey = ({ service, name }: FamilyTarget) => `${prefix}{${service}:${name}@open}`;
  const keyOf = ({ service, breaker }: { service: string; breaker: string }) =>
    `${prefix}{${service}:${breaker}}`;

  return {
    channel,
    read: (targets) => readViews(client, targets, { time, keyOf }),

    async send(target, command) {
      const { rules, service, breaker, family } = target;
      const keys = command.kind === 'force' ? [keyOf(target), auditKey] : [keyOf(target)];
      if (family !== undefined) keys.push(membersKey(family));
      const name = `${service}:${breaker}`;
      const args = [wireRules(rules), JSON.stringify(command), channel, name, family?.max ?? ''];
      return answerOf(await run(client, script(command.kind), keys, args), command);
    },

    members: (family) => readMembers(client, family, { time, key: membersKey(family) }),

    async announce(service, replica) {
      const key = keyOf({ service, breaker: '@fleet' });
      return (await run(client, script('announce'), [key], [replica, presenceMs])) as number;
    },

    async audit(count) {
      const entries = await client.xrevrange(auditKey, '+', '-', 'COUNT', count);
      return entries.map(([id, fields]) => auditEntry(id, fields));
    },
  };
};

const redisTime: ServerTime = {
  ask: (pipeline) => pipeline.time(),
  read(answer) {
    const [seconds, micros] = answer as [string, string];
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  },
};

const readViews = async (
  client: Redis,
  targets: readonly StoredBreaker[],
  { time, keyOf }: { readonly time: ServerTime; readonly keyOf: (target: StoredBreaker) => string },
) => {
  const pipeline = time.ask(client.pipeline());
  for (const target of targets) pipeline.hmget(keyOf(target), ...recordFields);
  const [now, ...records] = ((await pipeline.exec()) ?? []).map(resultOf) as [
    unknown,
    ...((string | null)[] | undefined)[],
  ];
  const nowMs = time.read(now);
  return targets.map(({ rules }, i) => viewOfFields(records[i] ?? [], rules, nowMs));
};

/** Those whose record has not expired. */
const readMembers = async (
  client: Redis,
  { service }: FamilyTarget,
  { time, key }: { readonly time: ServerTime; readonly key: string },
): Promise<string[]> => {
  const answers = await time.ask(client.pipeline()).zrange(key, '0', '-1', 'WITHSCORES').exec();
  const [now, listed] = (answers ?? []).map(resultOf) as [unknown, string[] | undefined];
  const nowMs = time.read(now);
  const names: string[] = [];
  for (const [i, name] of (listed ?? []).entries()) {
    if (i % 2 === 0 && Number(listed?.[i + 1]) > nowMs && name.startsWith(`${service}:`))
      names.push(name.slice(service.length + 1));
  }
  return names;
};

/** A key that holds a value of another type counts as no record. */
const resultOf = ([error, value]: [Error | null, unknown]): unknown => {
  if (error && !error.message.startsWith('WRONGTYPE')) throw error;
  return error ? undefined : value;
};

const viewOfFields = (
  values: readonly (string | null)[],
  rules: CircuitRules,
  nowMs: number,
): View | undefined => {
  if (values.every((value) => value === null)) return undefined;
  const fields = Object.fromEntries(recordFields.map((field, i) => [field, values[i] ?? undefined]));
  return viewOf(clamp(circuitOf(fields), rules, nowMs), nowMs);
};

const answerOf = (result: unknown, { kind }: Command): Answer => {
  const [refusal, retryAfterMs, text] = result as [Refusal | '', string, string];
  const view = parseView(text);
  if (view === undefined) throw new Error(`the store's answer to '${kind}' cannot be read`);
  if (refusal === '') return { reply: { accepted: true }, view };
  const wait = refusal === 'wait' ? { retryAfterMs: Number(retryAfterMs) } : {};
  return { reply: { accepted: false, refusal, ...wait }, view };
};

const auditEntry = (id: string, flat: readonly string[]): AuditEntry => {
  const fields: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  const text = (name: string) => fields[name] ?? '';
  return {
    id,
    breaker: text('breaker'),
    action: text('action'),
    by: text('by'),
    reason: text('reason'),
    ttlMs: text('ttl_ms') === '' ? undefined : Number(text('ttl_ms')),
    generation: Number(text('generation')),
    replica: text('replica'),
  };
};
