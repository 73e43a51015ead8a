import { CODES } from '@xnai/contracts';
import { toProblem, toServiceError } from '@xnai/service';
import { expect, test } from 'vitest';
import { StoreError, type StoreErrorCode } from './store-error.ts';

test.each(Object.entries(StoreError.table))('%s has on the wire the status of its table', (code, entry) => {
  const problem = toProblem(toServiceError(new StoreError(code as StoreErrorCode)), 'r1');
  expect(problem.status).toBe(entry.status);
  expect(CODES[problem.code].retryable).toBe(entry.retryable);
  if (entry.status < 500) expect(problem.detail).toBe(entry.title);
  else expect(problem.detail).toBe(CODES[problem.code].title);
});
