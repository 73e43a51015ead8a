import { CODES } from '@xnai/contracts';
import { toProblem, toServiceError } from '@xnai/service';
import { expect, test } from 'vitest';
import { explainModelError } from './explain-model-error.ts';
import { ModelError, type ModelErrorCode } from './model-error.ts';

test.each(Object.entries(ModelError.table))('%s has on the wire the status of its table', (code, entry) => {
  const error = new ModelError(code as ModelErrorCode, { detail: 'why', retryAfterMs: 1500 });
  const explained = explainModelError(error) ?? toServiceError(error);
  const problem = toProblem(explained, 'r1');
  expect(problem).toMatchObject({
    status: entry.status,
    code: code === 'MODEL_UNUSABLE' ? 'MODEL_NOT_READY' : code,
    detail: code === 'MODEL_CRASHED' ? CODES.MODEL_CRASHED.title : 'why',
  });
  expect(CODES[problem.code].retryable).toBe(entry.retryable);
});

test('an error of another part is left to others', () => {
  expect(explainModelError(new Error('elsewhere'))).toBeUndefined();
});
