import type { Redis } from 'ioredis';
import { connectionFaultOf } from './connection-fault.ts';
import { NO_CLUSTER } from './redis-url.ts';

const faults = new WeakMap<Redis, Map<string, string>>();

/**
 * Why a connection does not come about or is of no use, where the failures of commands do not say it: what each sentinel
 * answered, that a certificate or a login is refused, or that the server is a replica, a sentinel or part of a cluster.
 * Undefined while nothing of that is known.
 */
export const faultOf = (client: Redis): string | undefined => {
  const known = [...new Set(faults.get(client)?.values())];
  return known.length === 0 ? undefined : known.join('; ');
};

/** Notes what is wrong, for `faultOf`, and leaves a server that must not be used. */
export const noteFaults = (client: Redis): void => {
  const found = new Map<string, string>();
  faults.set(client, found);
  client.on('sentinelError', ({ message }: Error) => {
    const at = /sentinel (\S+)/.exec(message)?.[1] ?? '';
    found.set(at, `the sentinel at ${at} ${ofSentinel(message, client.options)}`);
  });
  client.on('error', (error: Error) => {
    const fault = connectionFaultOf(error);
    if (fault !== undefined) found.set('connection', fault);
  });
  client.on('ready', () => {
    found.clear();
    // One answer before any other: HELLO is allowed to every user.
    client.call('HELLO').then(
      (answer) => {
        const fault = ofServer(fieldsOf(answer), client.options);
        if (fault === undefined) return;
        found.set('server', fault.text);
        if (fault.next !== 'stay') client.disconnect(fault.next === 'reconnect');
      },
      () => {},
    );
  });
};

const ofSentinel = (message: string, { name, sentinelTLS }: Redis['options']): string => {
  // Without a reason, it answered that there is none.
  const why = /because (.*)$/s.exec(message)?.[1] ?? 'No such master';
  if (why.includes('No such master')) return `knows no master '${name}'`;
  if (/unknown command/i.test(why)) return 'is a Redis and no sentinel';
  if (/^[A-Z]{4,} /.test(why)) return `refuses its login: ${why}`;
  const isCutAtOnce = sentinelTLS === undefined && why.endsWith('ECONNRESET');
  return `does not answer: ${why}${isCutAtOnce ? '; is its URL rediss+sentinel:?' : ''}`;
};

interface ServerFault {
  readonly text: string;
  readonly next: 'stay' | 'reconnect' | 'end';
}

const ofServer = (
  { mode, role }: Readonly<Record<string, unknown>>,
  { sentinels, host, port, tls }: Redis['options'],
): ServerFault | undefined => {
  const isWatched = Array.isArray(sentinels);
  if (mode === 'cluster') return { text: `it is part of a cluster. ${NO_CLUSTER}`, next: 'end' };
  if (mode === 'sentinel')
    return {
      text: `it is a sentinel: ${tls === undefined ? 'redis' : 'rediss'}+sentinel://${host}:${port}/NAME is its URL`,
      next: 'end',
    };
  if (role !== 'replica') return undefined;
  // Soon after a failover, the sentinels may not know of it yet.
  if (isWatched) return { text: 'what the sentinels name as the master is a replica', next: 'reconnect' };
  return {
    text: 'it is a replica, which takes no writes: the URL must name the master, or the sentinels',
    next: 'stay',
  };
};

/** A map, or in RESP2 its names and values in turns. */
const fieldsOf = (answer: unknown): Readonly<Record<string, unknown>> => {
  if (!Array.isArray(answer)) return (answer ?? {}) as Record<string, unknown>;
  return Object.fromEntries(answer.flatMap((name, i) => (i % 2 === 0 ? [[name, answer[i + 1]]] : [])));
};
