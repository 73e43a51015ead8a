import { expect, it } from 'vitest';
import { withLock } from './lock.mjs';

it('runs one holder at a time', async () => {
  const name = `test-${process.pid}`;
  const events: string[] = [];
  const work = (id: string) =>
    withLock(name, async () => {
      events.push(`${id} in`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${id} out`);
    });
  await Promise.all([work('a'), work('b')]);
  expect(events[1]).toBe(events[0]?.replace('in', 'out'));
  expect(events[3]).toBe(events[2]?.replace('in', 'out'));
  expect(events).toHaveLength(4);
});

it('is released after a failure', async () => {
  const name = `test-failing-${process.pid}`;
  const failing = withLock(name, async () => {
    throw new Error('no network');
  });
  await expect(failing).rejects.toThrow('no network');
  await expect(withLock(name, async () => 'in')).resolves.toBe('in');
});
