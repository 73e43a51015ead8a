import { describe, expect, test } from 'vitest';
import { isRetryableStatus } from './client/client-error.ts';
import { CODES, defineErrors } from './errors.ts';

const TestError = defineErrors('TestError', {
  OVERLOADED: { ...CODES.OVERLOADED, title: 'The test has no room' },
  BODY_EMPTY: CODES.BODY_EMPTY,
});

describe('an error of a table', () => {
  test('has the text of its code and says whether trying again helps', () => {
    const error = new TestError('OVERLOADED', { retryAfterMs: 2000 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'TestError',
      code: 'OVERLOADED',
      message: 'The test has no room',
      retryable: true,
      retryAfterMs: 2000,
    });
    expect(error).not.toHaveProperty('cause');
    expect(new TestError('BODY_EMPTY')).toMatchObject({ message: CODES.BODY_EMPTY.title, retryable: false });
  });

  test('takes what one case says in place of its table', () => {
    const cause = new Error('below');
    const error = new TestError('OVERLOADED', { detail: 'The queue is full', cause, retryable: false });
    expect(error).toMatchObject({ message: 'The queue is full', cause, retryable: false });
  });

  test('knows its codes from others, as they come from another thread', () => {
    expect(['OVERLOADED', 'INTERNAL', 'toString', undefined].map((code) => TestError.has(code))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

test.each(Object.entries(CODES))('%s says that trying again helps just where its status does', (_, entry) => {
  expect(isRetryableStatus(entry.status)).toBe(entry.retryable);
});
