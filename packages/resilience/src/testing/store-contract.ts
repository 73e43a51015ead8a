import assert from 'node:assert/strict';
import type { View } from '../store/view.ts';
import { type ContractCase, one, openMs, started, targetOf } from './contract-case.ts';
import { flush, force, seed, settle, trip } from './contract-commands.ts';

/**
 * What every store must do, as cases for any test runner:
 *
 *     for (const { name, run } of storeContract) test(name, () => run(() => myStore()));
 */
export const storeContract: readonly ContractCase[] = [
  one('knows nothing of a breaker without a record', async ({ store, target }) => {
    assert.deepEqual(await store.read([target]), [undefined]);
  }),
  one('opens on a trip of a lone replica, and says for how long', async ({ send, read }) => {
    assert.equal((await send(trip)).accepted, true);
    const view = await read();
    assert.equal(view?.state, 'open');
    assert.equal(view?.generation, 1);
    assert.ok(view.remainingMs > 0 && view.remainingMs <= openMs);
  }),
  one('waits for a second replica when two are alive', async ({ send, read }) => {
    assert.equal((await send({ ...trip, live: 2 })).refusal, 'quorum');
    assert.equal((await send({ ...trip, live: 2 })).refusal, 'quorum');
    assert.equal((await read())?.state, 'closed');
    assert.equal((await send({ ...trip, live: 2, replica: 'b' })).accepted, true);
    assert.equal((await read())?.state, 'open');
  }),
  one('counts a batch once, however often it comes', async ({ send, read }) => {
    const batch = { ...flush, batch: 1, calls: 3, failures: 3 };
    assert.equal((await send(batch)).accepted, true);
    assert.equal((await send(batch)).refusal, 'stale');
    assert.equal((await read())?.state, 'closed');
    assert.equal((await send({ ...batch, batch: 2, calls: 1, failures: 1 })).accepted, true);
    assert.equal((await read())?.state, 'open');
  }),
  one('takes nothing stamped with another generation', async ({ send, read }) => {
    await send({ ...force, action: 'reset' });
    assert.equal((await send(trip)).refusal, 'stale');
    assert.equal((await send({ ...flush, batch: 1, calls: 9, failures: 9 })).refusal, 'stale');
    assert.equal((await read())?.generation, 1);
  }),
  one('gives out no more probes than the rules say, and each once', async ({ send, ask }) => {
    await send({ ...seed, state: 'open', remainingMs: 0 });
    assert.equal((await ask('a.1')).accepted, true);
    assert.equal((await ask('a.1')).accepted, true);
    assert.equal((await ask('a.2')).accepted, true);
    const refused = await ask('b.1');
    assert.equal(refused.refusal, 'wait');
    assert.ok((refused.retryAfterMs ?? 0) > 0);
  }),
  one('closes when the probes end well, and once', async ({ send, ask, read }) => {
    await send({ ...seed, state: 'open', remainingMs: 0 });
    for (const token of ['a.1', 'a.2']) await ask(token);
    for (const token of ['a.1', 'a.2']) assert.equal((await send({ ...settle, token })).accepted, true);
    assert.equal((await send({ ...settle, token: 'a.2' })).refusal, 'stale');
    const view = await read();
    assert.equal(view?.state, 'closed');
    assert.equal(view?.attempt, 0);
  }),
  one('opens for longer when a probe fails', async ({ send, ask, read }) => {
    await send({ ...seed, state: 'open', remainingMs: 0 });
    await ask('a.1');
    await send({ ...settle, token: 'a.1', outcome: 'failure' });
    const view = await read();
    assert.equal(view?.state, 'open');
    assert.equal(view?.attempt, 2);
    assert.ok(view.remainingMs > openMs);
  }),
  one('gives a slot back when its probe says nothing', async ({ send, ask }) => {
    await send({ ...seed, state: 'open', remainingMs: 0 });
    for (const token of ['a.1', 'a.2']) await ask(token);
    await send({ ...settle, token: 'a.1', outcome: 'ignored' });
    assert.equal((await ask('b.1')).accepted, true);
  }),
  one(
    'isolates for all, resets, and refuses an order meant for another generation',
    async ({ send, read }) => {
      await send({ ...force, action: 'isolate', ttlMs: 60_000 });
      const { generation, forced } = (await read()) as View;
      assert.equal(forced?.reason, 'by hand');
      assert.ok((forced?.remainingMs ?? 0) > 0);
      assert.equal(
        (await send({ ...force, action: 'reset', ifGeneration: generation + 1 })).refusal,
        'moved',
      );
      assert.equal((await send({ ...force, action: 'reset', ifGeneration: generation })).accepted, true);
      assert.equal((await read())?.forced, undefined);
    },
  ),
  one('writes each order down: who, why, and what came of it', async ({ store, send }) => {
    await send({ ...force, action: 'isolate', ttlMs: 60_000 });
    await send({ ...force, action: 'reset', by: 'bob' });
    const [last, first] = await store.audit(10);
    assert.deepEqual([last?.action, last?.by, last?.generation], ['reset', 'bob', 2]);
    assert.deepEqual([first?.action, first?.reason, first?.ttlMs], ['isolate', 'by hand', 60_000]);
  }),
  one('tells a sender that knows more that its memory is gone, and takes a seed', async ({ send, read }) => {
    assert.equal((await send({ ...force, floor: 7, action: 'isolate' })).refusal, 'lost');
    assert.equal((await send({ ...seed, floor: 7, state: 'open', remainingMs: 500 })).accepted, true);
    assert.equal((await send({ ...seed, floor: 7, state: 'closed' })).refusal, 'stale');
    const view = await read();
    assert.deepEqual([view?.state, view?.generation], ['open', 8]);
  }),
  one(
    'continues from the generation of a replica that sends counts, when its memory is gone',
    async ({ send, read }) => {
      assert.equal(
        (await send({ ...flush, floor: 7, generation: 7, batch: 1, calls: 2, failures: 1 })).accepted,
        true,
      );
      assert.equal((await send({ ...trip, floor: 7, generation: 7 })).accepted, true);
      const view = await read();
      assert.deepEqual([view?.state, view?.generation], ['open', 8]);
    },
  ),
  one('lists the members of a family while they are not closed', async ({ store, target }) => {
    const family = { service: target.service, name: `family-${target.breaker}`, max: 2 };
    const memberOf = (key: string) => ({ ...target, family, breaker: `${family.name}:${key}` });
    const member = memberOf('a');
    assert.deepEqual(await store.members(family), []);
    assert.equal((await store.send(member, trip)).reply.accepted, true);
    assert.deepEqual(await store.members(family), [member.breaker]);
    await store.send(member, { ...force, action: 'reset' });
    assert.deepEqual(await store.members(family), []);
    await store.send(member, { ...force, action: 'isolate' });
    assert.deepEqual(await store.members(family), [member.breaker]);
  }),
  one('gives up only members whose open time is over for new ones', async ({ store, target }) => {
    const family = { service: target.service, name: `family-${target.breaker}`, max: 2 };
    const memberOf = (key: string) => ({ ...target, family, breaker: `${family.name}:${key}` });
    const [a, b, c] = [memberOf('a'), memberOf('b'), memberOf('c')];
    for (const member of [a, b]) await store.send(member, trip);
    const refused = await store.send(c, trip);
    assert.equal(refused.reply.refusal, 'full');
    assert.equal(refused.view.state, 'closed');
    assert.deepEqual(await store.read([c]), [undefined]);
    await store.send(a, { ...force, action: 'reset' });
    await store.send(a, { ...seed, floor: 3, state: 'open', remainingMs: 0 });
    assert.equal((await store.send(c, trip)).reply.accepted, true);
    assert.deepEqual([...(await store.members(family))].sort(), [b.breaker, c.breaker]);
    assert.deepEqual(await store.read([a]), [undefined]);
  }),
  one('does not let a seed close what is open', async ({ send, read }) => {
    await send(trip);
    await send({ ...seed, floor: 7, state: 'closed' });
    const view = await read();
    assert.deepEqual([view?.state, view?.generation], ['open', 8]);
  }),
  {
    name: 'tells every replica of a change',
    async run(open) {
      const heard = Promise.withResolvers<View>();
      const [teller, listener] = [
        await started(open),
        await started(open, { onView: (_s, _b, view) => heard.resolve(view) }),
      ];
      await teller.send(targetOf(), trip);
      assert.equal((await heard.promise).state, 'open');
      await Promise.all([teller.close(), listener.close()]);
    },
  },
  {
    name: 'counts the replicas that live',
    async run(open) {
      const store = await started(open);
      assert.equal(await store.announce('contract', 'a'), 1);
      assert.equal(await store.announce('contract', 'b'), 2);
      assert.equal(await store.announce('contract', 'a'), 2);
      await store.close();
    },
  },
];
