import { FetchError } from '@xnai/egress';
import { expect, test } from 'vitest';
import { explainFailure } from './explain-failure.ts';
import { PageError } from './page-error.ts';

const failure = (systemCode: string, url = 'http://shop.example:8000/') =>
  explainFailure(new FetchError('network-error', { url, systemCode }));

test.each([
  ['ENOTFOUND', 'the name of shop.example:8000 does not resolve'],
  ['EAI_AGAIN', 'the name of shop.example:8000 cannot be looked up at present'],
  ['NO_CONNECTION', 'connection refused: nothing answers at shop.example:8000'],
  ['CERT_HAS_EXPIRED', 'the certificate of shop.example:8000 is not accepted (CERT_HAS_EXPIRED)'],
  [
    'UND_ERR_SOCKET',
    'the connection to shop.example:8000 ended before the whole answer had come (UND_ERR_SOCKET)',
  ],
])('a failed connection with %s is told in words', (systemCode, words) => {
  expect(failure(systemCode)).toBe(words);
});

test('only a refused connection to this machine brings the hint for containers', () => {
  const hint = /inside a container/;
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(failure('NO_CONNECTION', `http://${host}/`)).toMatch(hint);
  expect(failure('ENOTFOUND', 'http://localhost/')).not.toMatch(hint);
  expect(failure('NO_CONNECTION', 'http://127.example/')).not.toMatch(hint);
});

test('other failures are told by their own words or their status', () => {
  expect(explainFailure(new FetchError('http-error', { status: 404 }))).toBe(
    'the server answered with status 404',
  );
  expect(explainFailure(new FetchError('timeout'))).toBe('the server did not answer in time');
  expect(explainFailure(new PageError('charset'))).toBe('the charset of the page could not be found out');
});
