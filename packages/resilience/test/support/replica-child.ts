import { EventEmitter, once } from 'node:events';
import { type Breaker, createRedisStore, createRegistry, type Registry } from '../../src/index.ts';
import { answerAsks } from './asked-process.ts';
import type { Ask, Told } from './replicas.ts';

/** One replica in a process of its own, told by its parent what to do. */
let registry: Registry<'dep'> | undefined;

/** Emits each state that the breaker goes to. */
const transitions = new EventEmitter();

const realNow = Date.now;

/** This process' wall clock goes wrong. */
const skew = (ms: number) => {
  Date.now = () => realNow() + ms;
};

const dep = (): Breaker => {
  if (registry === undefined) throw new Error('not started');
  return registry.get('dep');
};

const snapshot = (): Told => {
  const { state, retryAfterMs, generation, scope } = dep();
  return { state, retryAfterMs, generation, scope, live: registry?.checks()['redis']?.detail ?? '' };
};

const obey: { readonly [K in Ask['do']]: (ask: Extract<Ask, { do: K }>) => Promise<Told> | Told } = {
  async start({ url, replica, options, skewMs = 0, pollMs = 1_000 }) {
    skew(skewMs);
    // The machine is shared with seven others like this one: what is tested here is not how fast Redis answers.
    const store = createRedisStore({ url, commandTimeoutMs: 5_000 });
    registry = createRegistry({
      service: 'fleet',
      replica,
      store,
      timing: { startWaitMs: 5_000, pollMs },
      onTransition: ({ to }) => transitions.emit(to),
    }).define({ dep: options });
    await registry.start();
    return snapshot();
  },
  state: snapshot,
  skew({ skewMs }) {
    skew(skewMs);
    return snapshot();
  },
  /** Many calls at once, that all end badly or well after a while. */
  async storm({ callers, holdMs, fail }) {
    let entered = 0;
    let rejected = 0;
    let slowestRejectionMs = 0;
    const call = async () => {
      const startMs = performance.now();
      const work = async () => {
        entered++;
        await new Promise((resolve) => setTimeout(resolve, holdMs));
        if (fail) throw new Error('failed');
      };
      await dep()
        .execute(work)
        .catch((error: Error) => {
          if (error.name !== 'BreakerOpenError') return;
          rejected++;
          slowestRejectionMs = Math.max(slowestRejectionMs, performance.now() - startMs);
        });
    };
    await Promise.all(Array.from({ length: callers }, call));
    return { ...snapshot(), entered, rejected, slowestRejectionMs };
  },
  async count({ calls, failEvery }) {
    for (let i = 1; i <= calls; i++) {
      const work = () => {
        if (i % failEvery === 0) throw new Error('failed');
      };
      await dep()
        .execute(work)
        .catch(() => {});
      if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return snapshot();
  },
  /** Answers when this replica goes to the state. */
  async watch({ for: state }) {
    await once(transitions, state);
    return snapshot();
  },
  async stop() {
    await registry?.close();
    setImmediate(() => process.disconnect());
    return {};
  },
};

answerAsks<Ask, Told>(async (ask) => obey[ask.do](ask as never));
