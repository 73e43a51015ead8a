import { expect, test, vi } from 'vitest';
import type { Lead, TakeLead } from '../../store/lead.ts';
import { StoreError } from '../../store/store-error.ts';
import { startSelfChecks } from './start-self-checks.ts';

const untilFree = async () => {};

function setUp(more: { readonly lead?: TakeLead; readonly isReady?: () => boolean } = {}) {
  const checks = {
    recall: vi.fn(async () => {}),
    checkDue: vi.fn(async (_options: { readonly lead?: unknown }) => {}),
    isReady: () => true,
    ...more,
  };
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const { lead } = more;
  return { checks, log, start: () => startSelfChecks({ checks, untilFree, log, lead, lookEveryMs: 5 }) };
}

/** Of two replicas the second has the lead once the first has given it back. */
function createLeads() {
  const taken: string[] = [];
  let isTaken = false;
  const leadOf =
    (replica: string): TakeLead =>
    async ({ duty, signal }) => {
      while (isTaken) {
        signal.throwIfAborted();
        await new Promise((done) => setTimeout(done, 2));
      }
      isTaken = true;
      taken.push(replica);
      const lead: Lead = {
        duty,
        generation: taken.length,
        lost: new AbortController().signal,
        [Symbol.asyncDispose]: async () => {
          isTaken = false;
        },
      };
      return lead;
    };
  return { taken, leadOf };
}

test('what is kept is read at once, and again at each look, as collections are checked', async () => {
  const { checks, start, log } = setUp();
  const running = start();
  expect(checks.recall).toHaveBeenCalledOnce();
  expect(checks.checkDue).not.toHaveBeenCalled();
  await expect.poll(() => checks.recall.mock.calls.length).toBeGreaterThan(2);
  await expect.poll(() => checks.checkDue.mock.calls.length).toBeGreaterThan(2);
  await running.close();
  const count = checks.checkDue.mock.calls.length;
  await new Promise((done) => setTimeout(done, 20));
  expect(checks.checkDue).toHaveBeenCalledTimes(count);
  expect(log.warn).not.toHaveBeenCalled();
});

test('a store that cannot be read is said once, until it can', async () => {
  const { checks, start, log } = setUp();
  checks.recall.mockRejectedValue(new StoreError('STORE_FAILED'));
  const running = start();
  await expect.poll(() => checks.recall.mock.calls.length).toBeGreaterThan(3);
  await running.close();
  expect(log.warn).toHaveBeenCalledOnce();
});

test('one replica checks for all, and another one when it stops; each reads what is kept', async () => {
  const { taken, leadOf } = createLeads();
  const one = setUp({ lead: leadOf('one') });
  const other = setUp({ lead: leadOf('other') });
  const first = one.start();
  await expect.poll(() => one.checks.checkDue.mock.calls.length).toBeGreaterThan(1);
  const second = other.start();
  await expect.poll(() => other.checks.recall.mock.calls.length).toBeGreaterThan(3);
  expect(other.checks.checkDue).not.toHaveBeenCalled();
  await first.close();
  await expect.poll(() => other.checks.checkDue.mock.calls.length).toBeGreaterThan(1);
  expect(other.checks.checkDue.mock.calls[0]?.[0].lead).toEqual({ duty: 'self-check', generation: 2 });
  expect(taken).toEqual(['one', 'other']);
  await second.close();
});

test('a replica whose model is gone lets another one check', async () => {
  const { taken, leadOf } = createLeads();
  let isReady = true;
  const one = setUp({ lead: leadOf('one'), isReady: () => isReady });
  const other = setUp({ lead: leadOf('other') });
  const first = one.start();
  await expect.poll(() => taken).toEqual(['one']);
  const second = other.start();
  isReady = false;
  await expect.poll(() => other.checks.checkDue.mock.calls.length).toBeGreaterThan(1);
  expect(taken).toEqual(['one', 'other']);
  await Promise.all([first.close(), second.close()]);
});

test('work of a lead that is lost begins anew with the next one', async () => {
  const { taken, leadOf } = createLeads();
  const { checks, log, start } = setUp({ lead: leadOf('one') });
  checks.checkDue.mockRejectedValueOnce(new StoreError('LEAD_LOST'));
  const running = start();
  await expect.poll(() => taken.length).toBe(2);
  await running.close();
  expect(log.error).not.toHaveBeenCalled();
});
