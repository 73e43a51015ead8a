import { EventEmitter, once } from 'node:events';
import { createRedisStore, createRegistry } from '@xnai/resilience';

/** What a replica is told, and what it answers. */
export type ReplicaAsk =
  | {
      readonly do: 'start';
      readonly url: string;
      readonly replica: string;
      readonly breakers: number;
      readonly probes: number;
    }
  | { readonly do: 'open' }
  | { readonly do: 'watch' }
  | { readonly do: 'when-open' }
  | { readonly do: 'due' }
  | { readonly do: 'storm'; readonly callers: number; readonly holdMs: number }
  | { readonly do: 'load'; readonly forMs: number };

export interface ReplicaTold {
  /** On the clock that all processes of one machine share. */
  readonly atMs?: number;
  readonly entered?: number;
  readonly rejected?: number;
  readonly calls?: number;
}

type Names = `b${number}`;

const makeRegistry = (url: string, replica: string, breakers: number, probes: number) => {
  const options = {
    window: { kind: 'consecutive', failures: 1 },
    openMs: 150,
    maxOpenMs: 150,
    probes: { calls: probes, timeoutMs: 60_000 },
    quorum: { replicas: 1 },
  } as const;
  const names = Array.from({ length: breakers }, (_, i): Names => `b${i}`);
  // The first trips at once; the others count, as a breaker in use does.
  const definitions = Object.fromEntries(names.map((name, i) => [name, i === 0 ? options : {}])) as Record<
    Names,
    object
  >;
  // A busy machine must not look like a lost store: probes are counted here, not time limits.
  const store = createRedisStore({ url, commandTimeoutMs: 5_000 });
  return createRegistry({
    service: 'bench',
    replica,
    store,
    timing: { startWaitMs: 5_000 },
    onTransition: ({ breaker, to }) => transitions.emit(`${breaker} ${to}`),
  }).define(definitions);
};

/** Emits the name of each breaker that changes, with its new state. */
const transitions = new EventEmitter();

let registry: ReturnType<typeof makeRegistry>;
let breakers = 1;
let seen = Promise.resolve(0);

const obey = async (ask: ReplicaAsk): Promise<ReplicaTold> => {
  switch (ask.do) {
    case 'start':
      registry = makeRegistry(ask.url, ask.replica, ask.breakers, ask.probes);
      breakers = ask.breakers;
      await registry.start();
      return {};
    case 'open':
      await registry
        .get('b0')
        .execute(fail)
        .catch(() => {});
      return { atMs: now() };
    case 'watch':
      seen = seeOpen();
      return {};
    case 'when-open':
      return { atMs: await seen };
    case 'due':
      while (registry.get('b0').state !== 'open' || registry.get('b0').retryAfterMs > 0) await pause(5);
      return {};
    case 'storm':
      return storm(ask.callers, ask.holdMs);
    case 'load':
      return load(ask.forMs);
  }
};

const seeOpen = async (): Promise<number> => {
  await once(transitions, 'b0 open');
  return now();
};

const storm = async (callers: number, holdMs: number): Promise<ReplicaTold> => {
  let entered = 0;
  const work = async () => {
    entered++;
    await pause(holdMs);
    fail();
  };
  await Promise.all(
    Array.from({ length: callers }, () =>
      registry
        .get('b0')
        .execute(work)
        .catch(() => {}),
    ),
  );
  return { entered, rejected: callers - entered };
};

/** Calls to every breaker all the time, so that every flush interval has something to say. */
const load = async (forMs: number): Promise<ReplicaTold> => {
  const endMs = performance.now() + forMs;
  let calls = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < breakers; i++, calls++) await registry.get(`b${i}`).execute(() => i);
    await pause(10);
  }
  return { calls };
};

const fail = () => {
  throw new Error('down');
};
const now = () => performance.timeOrigin + performance.now();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

process.on('message', async ({ id, ask }: { readonly id: number; readonly ask: ReplicaAsk }) => {
  process.send?.({ id, told: await obey(ask) });
});

// The parent has gone.
process.on('disconnect', () => process.exit());
