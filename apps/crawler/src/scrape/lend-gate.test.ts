import { startRedis } from '@xnai/testing';
import { expect, it } from 'vitest';
import { createHostGate } from '../redis/host-gate.ts';
import { type GateCall, lendGate } from './lend-gate.ts';

const pace = { gapMs: 0, maxInFlight: 1 };
const host = 'example.org';

it('leaves the places that a process held, or was just being given, when it ended', async () => {
  await using redis = await startRedis();
  const gate = createHostGate(redis.connect());
  const enter: GateCall = { name: 'enter', args: [host, pace] };
  {
    await using lent = lendGate(gate);
    expect(await lent.answer(enter)).toHaveProperty('place');
    expect(await gate.enter(host, pace)).toHaveProperty('retryMs');
  }
  const lent = lendGate(gate);
  const entering = lent.answer(enter);
  await lent[Symbol.asyncDispose]();
  await entering;
  expect(await gate.enter(host, pace)).toHaveProperty('place');
});
