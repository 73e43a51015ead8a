import type { Reply } from '../circuit/command.ts';
import type { Clock } from '../time/clock.ts';
import type { Exchange } from './exchange.ts';
import type { Joined } from './joined.ts';

/** What this replica has seen, on its way to the fleet: counts in batches, and its vote when it opens. */
export interface Reports {
  count(joined: Joined, failed: boolean, slow: boolean): void;
  trip(joined: Joined, cause: string): Promise<Reply | undefined>;
  /** What waits goes out with the next batch. */
  flushSoon(joined: Joined): void;
  /** Sends all that waits. */
  flush(): Promise<void>;
  stop(): void;
}

export const createReports = (exchange: Exchange, clock: Clock, flushMs: number): Reports => {
  const dirty = new Set<Joined>();
  let cancel: (() => void) | undefined;
  const { replica, tally } = exchange;

  const flushSoon = (joined: Joined) => {
    dirty.add(joined);
    if (exchange.closed) return;
    cancel ??= clock.inBackground(flushMs, () => {
      cancel = undefined;
      void flush();
    });
  };
  const flush = async () => {
    const all = [...dirty];
    dirty.clear();
    await Promise.all(all.map(flushOne));
  };
  const flushOne = async (joined: Joined) => {
    const { outbox, member } = joined;
    const generation = member.gate.shared?.generation;
    if (!exchange.up || generation === undefined) return;
    const batch = outbox.take();
    tally.dropped += outbox.dropped();
    if (batch === undefined) return;
    const { live } = exchange.presence;
    const stamp = { replica, floor: generation, generation, live };
    const reply = await exchange.send(joined, { kind: 'flush', ...stamp, ...batch });
    outbox.sent(batch, reply !== undefined);
    if (reply?.refusal === 'lost') await exchange.seed(joined);
    if (outbox.waiting) flushSoon(joined);
  };

  return {
    flushSoon,
    flush,
    count(joined, failed, slow) {
      if (joined.outbox.count(failed, slow)) flushSoon(joined);
    },
    async trip(joined, cause) {
      const generation = joined.member.gate.shared?.generation;
      if (!exchange.up || generation === undefined) return undefined;
      const { live } = exchange.presence;
      // The counts first: they may be what the others need to know.
      dirty.delete(joined);
      const [, reply] = await Promise.all([
        flushOne(joined),
        exchange.send(joined, { kind: 'trip', replica, floor: generation, generation, cause, live }),
      ]);
      return reply;
    },
    stop() {
      cancel?.();
    },
  };
};
