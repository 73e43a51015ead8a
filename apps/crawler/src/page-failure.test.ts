import { FetchError } from '@xnai/egress';
import { expect, it } from 'vitest';
import { assertAllowed } from './page-failure.ts';

it('says why robots.txt could not be had', () => {
  const url = 'http://shop.example:8000/';
  const failure = new FetchError('network-error', { url: `${url}robots.txt`, systemCode: 'NO_CONNECTION' });
  const verdict = { allowed: false, reason: 'robots-unreachable', failure, sitemaps: [] } as const;
  expect(() => assertAllowed(verdict, url)).toThrow(
    'robots.txt could not be fetched, connection refused: nothing answers at shop.example:8000',
  );
});
