import { expect, test } from 'vitest';
import { createAdmission } from './admission.ts';

test('work is admitted up to the limit of all together, and again when some has ended or failed', async () => {
  const admit = createAdmission(10);
  const { promise, resolve } = Promise.withResolvers<string>();
  const one = admit(6, () => promise);
  const other = admit(4, () => promise);
  await expect(admit(1, async () => 'never')).rejects.toMatchObject({
    name: 'IngestError',
    code: 'OVERLOADED',
    retryAfterMs: 2000,
  });
  resolve('done');
  expect(await Promise.all([one, other])).toEqual(['done', 'done']);
  await expect(admit(10, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await admit(10, async () => 'next')).toBe('next');
});

test('work that is larger than the limit is admitted alone', async () => {
  const admit = createAdmission(10);
  expect(await admit(100, async () => 'large')).toBe('large');
});
