import type { Command, Reply } from '../circuit/command.ts';
import type { CircuitRules } from '../circuit/rules.ts';
import { type BreakerOptions, rulesOf } from '../options/breaker-options.ts';
import type { BreakerStore, StoredBreaker, StoreEvents } from '../store/store.ts';
import type { View } from '../store/view.ts';

/** One promise of the contract. Runs against stores opened anew, all of one backend that nothing else uses. */
export interface ContractCase {
  readonly name: string;
  run(open: () => BreakerStore | Promise<BreakerStore>): Promise<void>;
}

/** What a case works with: a store, a breaker of its own, and short ways to ask it. */
export interface Bench {
  readonly store: BreakerStore;
  readonly target: StoredBreaker;
  send(command: Command): Promise<Reply>;
  ask(token: string): Promise<Reply>;
  read(): Promise<View | undefined>;
}

export function one(name: string, run: (bench: Bench) => Promise<void>): ContractCase {
  return {
    name,
    async run(open) {
      const store = await started(open);
      const target = targetOf();
      const send = async (command: Command) => (await store.send(target, command)).reply;
      const ask = (token: string) => send({ kind: 'lease', replica: 'a', floor: 0, token });
      const read = async () => (await store.read([target]))[0];
      try {
        await run({ store, target, send, ask, read });
      } finally {
        await store.close();
      }
    },
  };
}

export const started = async (
  open: () => BreakerStore | Promise<BreakerStore>,
  events: Partial<StoreEvents> = {},
): Promise<BreakerStore> => {
  const store = await open();
  const ready = Promise.withResolvers<void>();
  let readies = 0;
  store.start({
    onView: events.onView ?? (() => {}),
    onReady: () => {
      readies++;
      ready.resolve();
    },
  });
  await ready.promise;
  // A store may say so once per connection; what follows needs those that listen too.
  for (let i = 0; i < 50 && readies < 2; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  return store;
};

export const openMs = 1_000;

const options: BreakerOptions = {
  window: { kind: 'sampling', minimumCalls: 4 },
  openMs,
  maxOpenMs: 8_000,
  probes: { calls: 2 },
};

let breakers = 0;
export const targetOf = (rules: CircuitRules = rulesOf('contract', options)): StoredBreaker => ({
  service: 'contract',
  breaker: `b${++breakers}`,
  rules,
});
