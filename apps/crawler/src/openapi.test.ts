import { openApiGaps } from '@xnai/service/testing/openapi-gaps';
import { expect, it } from 'vitest';
import { startTestStack } from './testing/test-stack.ts';

it('has the OpenAPI document that openapi.json says: a change of the contract is a visible diff', async () => {
  await using stack = await startTestStack();
  const { body, status } = await stack.crawler.request('GET', '/openapi.json');
  expect(status).toBe(200);
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot('../openapi.json');
  expect(openApiGaps(body)).toEqual([]);
  expect(Object.keys(body.paths)).toContain('/v1/crawls/{id}/events');
});
