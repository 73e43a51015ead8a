import { expect, it } from 'vitest';
import { startSentinels } from './sentinels.ts';

it('has another master after the first was killed, and takes that one back as a replica', async () => {
  await using group = await startSentinels();
  const first = await group.master();
  expect(first).toBe(group.servers[0]);
  await first.client.set('key', 'value');
  expect(await first.client.wait(2, 5000)).toBe(2);
  await first.kill();
  const second = await group.master();
  expect(second).not.toBe(first);
  expect(await second.client.get('key')).toBe('value');
  await first.start();
  await group.untilFollows(first);
}, 60_000);
