import { expect, test, vi } from 'vitest';
import { type Lead, type TakeLead, whileLeading } from './lead.ts';
import { StoreError } from './store-error.ts';

const forever = (signal: AbortSignal) =>
  new Promise<void>((_done, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
const createLog = () => ({ info: vi.fn(), warn: vi.fn() });
const said = ({ info, warn }: ReturnType<typeof createLog>) =>
  [info, warn].flatMap((one) => one.mock.calls.map(([, message]) => message));

/** Leads that are taken one after the other, to be lost by the test. */
function createLeads() {
  const taken: AbortController[] = [];
  let given = 0;
  const take: TakeLead = async ({ duty, onTried }) => {
    const lost = new AbortController();
    taken.push(lost);
    onTried({ kind: 'leads' });
    const lead: Lead = {
      duty,
      generation: taken.length,
      lost: lost.signal,
      [Symbol.asyncDispose]: async () => {
        given += 1;
      },
    };
    return lead;
  };
  return { take, taken, given: () => given };
}

test('work stops when the lead is lost, and begins anew with the next one', async () => {
  const stop = new AbortController();
  const leads = createLeads();
  const log = createLog();
  const begun: unknown[] = [];
  const options = { duty: 'embedding', signal: stop.signal, log } as const;
  const done = whileLeading(leads.take, options, async (signal, mark) => {
    begun.push(mark);
    await forever(signal);
  });
  await expect.poll(() => begun).toEqual([{ duty: 'embedding', generation: 1 }]);
  leads.taken[0]?.abort();
  await expect.poll(() => begun.at(-1)).toEqual({ duty: 'embedding', generation: 2 });
  expect(leads.given()).toBe(1);
  expect(said(log)).toEqual(['this replica leads', 'this replica leads', 'this replica leads no more']);
  stop.abort(new Error('stopped'));
  await expect(done).rejects.toThrow('stopped');
  expect(leads.given()).toBe(2);
});

test('work that a later lead keeps from writing gives its lead back, and begins anew', async () => {
  const leads = createLeads();
  const log = createLog();
  const { signal } = new AbortController();
  await whileLeading(leads.take, { duty: 'renewal', signal, log }, async (_signal, mark) => {
    if (mark?.generation === 1) throw new StoreError('LEAD_LOST');
  });
  expect(leads.taken).toHaveLength(2);
  expect(leads.given()).toBe(2);
  expect(log.warn).toHaveBeenCalledOnce();
});

test('work that fails while the process leads has failed', async () => {
  const leads = createLeads();
  const { signal } = new AbortController();
  const failing = async () => {
    throw new Error('its own');
  };
  const options = { duty: 'renewal', signal, log: createLog() } as const;
  await expect(whileLeading(leads.take, options, failing)).rejects.toThrow('its own');
});

test('the log says once who leads, and once that it cannot be asked', async () => {
  const { take } = createLeads();
  const log = createLog();
  const error = new Error('no server');
  const { signal } = new AbortController();
  const taking: TakeLead = async (wanted) => {
    for (const kind of ['waits', 'waits', 'unknown', 'unknown', 'waits'] as const)
      wanted.onTried({ kind, error });
    return take(wanted);
  };
  await whileLeading(taking, { duty: 'renewal', signal, log }, async () => {});
  expect(said(log)).toEqual([
    'another replica leads',
    'another replica leads',
    'this replica leads',
    'who leads cannot be asked; it is tried until it succeeds',
  ]);
  expect(log.warn).toHaveBeenCalledWith({ err: error, duty: 'renewal' }, expect.anything());
});

test('the only process leads always', async () => {
  const { signal } = new AbortController();
  const log = createLog();
  let seen: unknown;
  await whileLeading(undefined, { duty: 'renewal', signal, log }, async (its, mark) => {
    seen = [its, mark];
  });
  expect(seen).toEqual([signal, undefined]);
  expect(said(log)).toEqual([]);
});
