import { expect, test } from 'vitest';
import { type Lead, type TakeLead, whileLeading } from './lead.ts';

const forever = (signal: AbortSignal) =>
  new Promise<void>((_done, fail) => signal.addEventListener('abort', () => fail(signal.reason)));

test('work stops when the lead is lost, and begins anew with the next one', async () => {
  const stop = new AbortController();
  const leads: AbortController[] = [];
  const given: string[] = [];
  const take: TakeLead = async (duty) => {
    const lost = new AbortController();
    leads.push(lost);
    const lead: Lead = { lost: lost.signal, [Symbol.asyncDispose]: async () => void given.push(duty) };
    return lead;
  };
  let begun = 0;
  const done = whileLeading(take, { duty: 'embedding', signal: stop.signal }, async (signal) => {
    begun += 1;
    await forever(signal);
  });
  await expect.poll(() => begun).toBe(1);
  leads[0]?.abort();
  await expect.poll(() => begun).toBe(2);
  expect(given).toEqual(['embedding']);
  stop.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  expect(given).toHaveLength(2);
});

test('work that fails while the process leads has failed', async () => {
  const lead: Lead = { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };
  const { signal } = new AbortController();
  const failing = async () => {
    throw new Error('its own');
  };
  await expect(whileLeading(async () => lead, { duty: 'renewal', signal }, failing)).rejects.toThrow(
    'its own',
  );
});

test('the only process leads always', async () => {
  const { signal } = new AbortController();
  let seen: AbortSignal | undefined;
  await whileLeading(undefined, { duty: 'renewal', signal }, async (its) => {
    seen = its;
  });
  expect(seen).toBe(signal);
});
