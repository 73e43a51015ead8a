import { SearchRequest, SearchResponse } from '@xnai/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApiGaps } from './openapi-gaps.ts';
import { openTestApp } from './test-app.ts';

test('an operation and a field that are not described are found, and complete ones are not', async () => {
  await using test = await openTestApp((app) => {
    const complete = { body: SearchRequest, response: { 200: SearchResponse }, summary: 'Search' };
    const bare = { params: z.object({ id: z.string() }), body: z.object({ deep: z.object({ n: z.int() }) }) };
    app.post('/v1/search', { config: { scope: 'query' }, schema: complete }, () => ({}) as never);
    app.post('/v1/things/:id', { config: { scope: 'query' }, schema: bare }, () => ({}));
  });
  const place = 'post /v1/things/{id}';
  expect(openApiGaps((await test.app.inject('/openapi.json')).json())).toEqual([
    `${place}: no summary`,
    `${place}: no answer of success`,
    `${place} ?id: no description`,
    `${place} body: no example`,
    `${place} body.deep: no description`,
    `${place} body.deep.n: no description`,
  ]);
});
