import type { Redis } from 'ioredis';
import { clamp } from '../circuit/clamp.ts';
import type { Command, Refusal } from '../circuit/command.ts';
import { fingerprint } from '../circuit/fingerprint.ts';
import type { Rules } from '../circuit/rules.ts';
import { checksOf } from '../options/checks.ts';
import {
  type Answer,
  type AuditEntry,
  presenceMs,
  type Store,
  type StoreEvents,
  type Target,
} from '../store/store.ts';
import { parseView, type View, viewOf } from '../store/view.ts';
import { connect, fastFailing, type RedisTarget } from './connection.ts';
import { circuitOf, viewFields } from './record.ts';
import { readScripts, run, type ScriptName } from './scripts.ts';
import { wireRules } from './wire.ts';

export interface RedisStoreOptions extends RedisTarget {
  /** Before every key and channel. */
  readonly prefix?: string;
  /** A command that takes longer has failed, as far as breakers go. */
  readonly commandTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

/** Breakers in Redis 7.0 or later, or Valkey: one hash per breaker, one channel, two connections. */
export const createRedisStore = (options: RedisStoreOptions = {}): Store => {
  const { prefix = 'xnai:brk:', commandTimeoutMs = 50, onError = () => {} } = options;
  const check = checksOf('the store');
  check.known('', options, optionNames);
  check.ms('commandTimeoutMs', commandTimeoutMs);
  if (!/^[\w:.-]+$/.test(prefix)) check.refuse('prefix', prefix, 'must be of letters, digits and : . _ -');
  let scripts: ReturnType<typeof readScripts> | undefined;
  const script = (name: ScriptName) => {
    scripts ??= readScripts();
    return scripts[name];
  };
  const channel = `${prefix}ev`;
  const auditKey = `${prefix}audit`;
  const keyOf = ({ service, breaker }: { service: string; breaker: string }) =>
    `${prefix}{${service}:${breaker}}`;
  const client = connect(options, { ...fastFailing(commandTimeoutMs), connectionName: 'breakers' }, onError);
  const subscriber = connect(options, { ...fastFailing(1_000), connectionName: 'breaker-events' }, onError);

  return {
    start(events) {
      listen(subscriber, channel, events);
      client.on('ready', events.onReady);
      for (const one of [client, subscriber]) one.connect().catch(onError);
    },

    async read(targets) {
      // The subscriber has nothing else to notice a dead connection by.
      if (subscriber.status === 'ready') subscriber.ping().catch(onError);
      return readViews(client, targets, keyOf);
    },

    async send(target, command) {
      const { rules, service, breaker } = target;
      const keys = command.kind === 'force' ? [keyOf(target), auditKey] : [keyOf(target)];
      const args = [wireRules(rules), JSON.stringify(command), channel, `${service}:${breaker}`];
      return answerOf(await run(client, script(command.kind), keys, args), command, rules);
    },

    async announce(service, replica, disagreeing) {
      const key = keyOf({ service, breaker: '@fleet' });
      const [live, all] = (await run(
        client,
        script('announce'),
        [key],
        [replica, disagreeing.join(','), presenceMs],
      )) as [number, string];
      return { live, disagreeing: JSON.parse(all) as Record<string, number> };
    },

    async audit(count) {
      const entries = await client.xrevrange(auditKey, '+', '-', 'COUNT', count);
      return entries.map(([id, fields]) => auditEntry(id, fields));
    },

    async close() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
};

const optionNames = [
  'url',
  'path',
  'username',
  'password',
  'prefix',
  'commandTimeoutMs',
  'onError',
] satisfies (keyof RedisStoreOptions)[];

const listen = (subscriber: Redis, channel: string, events: StoreEvents) => {
  subscriber.on('ready', () => {
    // What was said while nobody listened is read again once the subscription stands.
    subscriber.subscribe(channel).then(events.onReady, () => subscriber.disconnect(true));
  });
  subscriber.on('message', (_channel: string, text: string) => {
    const message = parseView(text);
    const cut = message?.name.indexOf(':') ?? -1;
    if (message === undefined || cut < 0) return;
    events.onView(message.name.slice(0, cut), message.name.slice(cut + 1), message.view);
  });
};

const readViews = async (client: Redis, targets: readonly Target[], keyOf: (target: Target) => string) => {
  const pipeline = client.pipeline().time();
  for (const target of targets) pipeline.hmget(keyOf(target), ...viewFields);
  const [time, ...records] = ((await pipeline.exec()) ?? []).map(([error, value]) => {
    // Someone put another thing under the key: to a breaker that is nothing.
    if (error && !error.message.startsWith('WRONGTYPE')) throw error;
    return error ? [] : value;
  }) as [[string, string], ...(string | null)[][]];
  const nowMs = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  return targets.map(({ rules }, i) => viewOfFields(records[i] ?? [], rules, nowMs));
};

const viewOfFields = (values: readonly (string | null)[], rules: Rules, nowMs: number): View | undefined => {
  const fields = Object.fromEntries(viewFields.map((field, i) => [field, values[i] ?? undefined]));
  if (Object.values(fields).every((value) => value === undefined)) return undefined;
  return { ...viewOf(clamp(circuitOf(fields), rules, nowMs), nowMs), rules: fields['rules'] };
};

const answerOf = (result: unknown, command: Command, rules: Rules): Answer => {
  const [refusal, retryAfterMs, text] = result as [Refusal | '', string, string];
  const parsed = parseView(text);
  if (parsed === undefined) throw new Error(`the store's answer to '${command.kind}' cannot be read`);
  const view = { ...parsed.view, rules: parsed.view.rules ?? fingerprint(rules) };
  if (refusal === '') return { reply: { accepted: true }, view };
  return {
    reply: {
      accepted: false,
      refusal,
      ...(refusal === 'wait' ? { retryAfterMs: Number(retryAfterMs) } : {}),
    },
    view,
  };
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
