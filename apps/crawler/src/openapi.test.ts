import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startTestStack } from './testing/test-stack.ts';

it('has the OpenAPI document that openapi.json says: a change of the contract is a visible diff', async () => {
  await using stack = await startTestStack();
  const { body } = await stack.crawler.request('GET', '/openapi.json');
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot('../openapi.json');
  expect(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')).toContain(
    '/v1/crawls/{id}/events',
  );
});
