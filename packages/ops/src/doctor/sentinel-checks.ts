import { connectionFaultOf, type ParsedRedisUrl, parseRedisUrl } from '@xnai/resilience';
import { Redis } from 'ioredis';
import { about, type Finding } from './finding.ts';

type Watched = Extract<ParsedRedisUrl, { readonly sentinels: unknown }>;

const ASK_MS = 2_000;
const LEAST_SENTINELS = 3;

/** Asks each sentinel of a URL; none for a URL without sentinels. */
export async function checkSentinels(url: string): Promise<readonly Finding[]> {
  const address = parseRedisUrl(url);
  if (!('sentinels' in address)) return [];
  const { error, warning, ok } = about('sentinels');
  const answers = await Promise.all(address.sentinels.map((one) => askSentinel(address, one)));
  const masters = Map.groupBy(answers, ({ master }) => master);
  const few = `${answers.length === 1 ? 'there is one sentinel' : 'there are two sentinels'}: after the loss of a machine there may be no majority to name a new master`;
  const findings = [
    ...answers.flatMap(({ fault, at }) =>
      fault === undefined ? [] : [error(fault, `redis-cli -h ${at} ping`)],
    ),
    ...([...masters.keys()].filter((one) => one !== undefined).length > 1
      ? [error(`the sentinels name different masters: ${[...masters.keys()].join(', ')}`, lookAt(address))]
      : []),
    ...(answers.length < LEAST_SENTINELS
      ? [warning(few, 'see "Valkey or Redis with Sentinel" in docs/scale.md')]
      : []),
  ];
  return findings.length > 0
    ? findings
    : [ok(`${answers.length} sentinels agree on the master of '${address.name}'`)];
}

/** How well a server is replicated, by its INFO. */
export function judgeReplication(info: string): readonly Finding[] {
  const { error } = about('redis');
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const advice = 'see "Valkey or Redis with Sentinel" in docs/scale.md';
  if (field('redis_mode') === 'cluster')
    return [error('it is part of a Redis Cluster, which cannot be used', advice)];
  if (field('role') === 'slave') return [error('it is a replica, which takes no writes', advice)];
  const good = field('min_slaves_good_slaves');
  if (good === undefined && !(Number(field('connected_slaves')) > 0)) return [];
  if (good === undefined) {
    const cause =
      'min-replicas-to-write is not set: a master that is cut off goes on taking writes, which are lost';
    return [error(cause, 'redis-cli config set min-replicas-to-write 1')];
  }
  return good === '0'
    ? [error('no replica follows it closely, so that it takes no writes', 'redis-cli info replication')]
    : [];
}

interface SentinelAnswer {
  readonly at: string;
  readonly master?: string;
  readonly fault?: string;
}

async function askSentinel(
  { name, sentinelUsername, sentinelPassword, sentinelTLS }: Watched,
  { host, port }: Watched['sentinels'][number],
): Promise<SentinelAnswer> {
  const at = `${host} -p ${port}`;
  const who = `the sentinel at ${host}:${port}`;
  const sentinel = new Redis({
    host,
    port,
    ...(sentinelUsername === undefined ? {} : { username: sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    ...(sentinelTLS === undefined ? {} : { tls: sentinelTLS }),
    ...{ lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, disableClientInfo: true },
    ...{ enableReadyCheck: false, connectTimeout: ASK_MS, commandTimeout: ASK_MS },
  });
  let reason: string | undefined;
  sentinel.on('error', (error: Error) => {
    reason ??= connectionFaultOf(error) ?? error.message;
  });
  try {
    await sentinel.connect();
    const master = (await sentinel.call('SENTINEL', 'get-master-addr-by-name', name)) as string[] | null;
    if (master === null) return { at, fault: `${who} knows no master '${name}'` };
    // Fails without a majority, and where too few of them know each other.
    await sentinel.call('SENTINEL', 'ckquorum', name);
    return { at, master: master.join(':') };
  } catch (cause) {
    const why = reason ?? (cause as Error).message;
    const isRedis = /unknown command/i.test(why);
    return { at, fault: isRedis ? `at ${host}:${port} is a Redis and no sentinel` : `${who}: ${why}` };
  } finally {
    sentinel.disconnect();
  }
}

function lookAt({ sentinels: [first], name }: Watched): string {
  return `redis-cli -h ${first?.host} -p ${first?.port} sentinel masters   # and at the others: who is ${name}`;
}
