import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FetchError } from './fetch-error.ts';
import { createFetcher, type Fetcher } from './fetcher.ts';
import { type LocalSite, openLocalSite, redirectTo } from './fixtures/local-site.ts';

/** Stands for an inside service on every address of this machine; it must never be spoken to. */
let inside: LocalSite;
let door: LocalSite;
let fetcher: Fetcher;

const names: Record<string, LookupAddress[]> = {};
/** A resolver that answers what an attacker's name server would. */
const lookup: LookupFunction = (hostname, options, callback) => {
  const answer = names[hostname];
  if (answer === undefined) callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
  else if (options.all === true) callback(null, answer);
  else callback(null, answer[0]?.address ?? '', answer[0]?.family);
};

beforeAll(async () => {
  inside = await openLocalSite({ '/': 'secret' }, '::');
  const targets = forbiddenUrls();
  door = await openLocalSite(Object.fromEntries(targets.map((url, index) => [`/${index}`, redirectTo(url)])));
  fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [door.origin], lookup });
});

afterAll(async () => {
  await fetcher.close();
  await inside[Symbol.asyncDispose]();
  await door[Symbol.asyncDispose]();
});

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });

/** Every way to write "this machine" or "the network inside", with and without the inside service's port. */
function forbiddenUrls(): string[] {
  names['loopback.test'] = [v4('127.0.0.1')];
  names['loopback6.test'] = [v6('::1')];
  names['mapped.test'] = [v6('::ffff:127.0.0.1')];
  names['nat64.test'] = [v6('64:ff9b::7f00:1')];
  names['mixed.test'] = [v4('93.184.216.34'), v4('127.0.0.1')];
  names['private.test'] = [v4('10.1.2.3')];
  names['metadata.test'] = [v4('169.254.169.254')];
  names['zero.test'] = [v4('0.0.0.0')];
  names['nothing.test'] = [];
  const hosts = [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0x7f.0x0.0x0.0x1',
    '017700000001',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '127.0.0.1.',
    '１２７.０.０.１',
    '127。0。0。1',
    'localhost',
    'LOCALHOST',
    'localhost.',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b:1::127.0.0.1]',
    '[2002:7f00:1::]',
    '[2001::1]',
    '[fe80::1]',
    '[fd00::1]',
    '[ff02::1]',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    'loopback.test',
    'loopback6.test',
    'mapped.test',
    'nat64.test',
    'mixed.test',
    'private.test',
    'metadata.test',
    'zero.test',
    'nothing.test',
  ];
  names['localhost'] = [v4('127.0.0.1'), v6('::1')];
  names['localhost.'] = names['localhost'];
  return hosts.flatMap((host) => [`http://${host}:${inside.port}/`, `http://${host}/`, `https://${host}/`]);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'fetched';
  } catch (error) {
    return error instanceof FetchError ? error.code : String(error);
  }
}

test('no spelling of an inside address is connected to', async () => {
  const urls = forbiddenUrls();
  expect(urls.length).toBeGreaterThanOrEqual(120);
  for (const url of urls) {
    expect([url, await codeOf(fetcher.fetch(url))]).toEqual([url, 'not-public']);
    expect([url, await codeOf(fetcher.check(url))]).toEqual([url, 'not-public']);
  }
  expect(inside.connections()).toBe(0);
});

test('no redirect leads to an inside address, even from an origin that is allowed', async () => {
  const urls = forbiddenUrls();
  for (const [index, url] of urls.entries()) {
    expect([url, await codeOf(fetcher.fetch(`${door.origin}/${index}`))]).toEqual([url, 'not-public']);
  }
  expect(door.requests).toHaveLength(urls.length);
  expect(inside.connections()).toBe(0);
});

test.each([
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'data:text/html,hi',
  'javascript:alert(1)',
  'http://user:secret@example.com/',
  'http://user@example.com/',
  'http://@127.0.0.1/',
  'http://example.com\\@127.0.0.1/',
  'http:\\\\127.0.0.1/',
  'http://example.com/a b',
  'http://exam\tple.com/',
  'http://example.com/\u0000',
  'http://example.com/\n',
  ' http://example.com/',
  'http://',
  'http:///',
  'http://[::1',
  'http://[fe80::1%25eth0]/',
  'http://999.999.999.999/',
  '//example.com/',
  'example.com',
  '',
  `http://example.com/${'a'.repeat(2000)}`,
])('%j is no URL to fetch', async (url) => {
  expect(await codeOf(fetcher.fetch(url))).toBe('url-invalid');
});

test('a name that changes its answer between two questions gains nothing', async () => {
  let asked = 0;
  const rebinding: LookupFunction = (_hostname, _options, callback) => {
    asked += 1;
    callback(null, asked === 1 ? [v4('127.0.0.1')] : [v4('93.184.216.34')]);
  };
  await using own = createFetcher({ userAgent: 'test', lookup: rebinding });
  expect(await codeOf(own.fetch('http://rebind.test/'))).toBe('not-public');
  expect(asked).toBe(1);
});

test('a name whose resolver does not answer is not refused in advance', async () => {
  const silent: LookupFunction = () => {};
  await using own = createFetcher({ userAgent: 'test', lookup: silent, limits: { connectTimeoutMs: 20 } });
  await expect(own.check('http://silent.test/')).resolves.toBeUndefined();
});

test('an allowed origin is that scheme, host and port, and nothing beside it', async () => {
  await using site = await openLocalSite({ '/': 'public enough' });
  await using own = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin], lookup });
  expect((await own.fetch(`${site.origin}/`)).body.toString()).toBe('public enough');
  for (const url of [
    `http://127.0.0.1:${inside.port}/`,
    `https://127.0.0.1:${site.port}/`,
    `http://localhost:${site.port}/`,
    `http://[::1]:${site.port}/`,
    'http://127.0.0.1/',
  ]) {
    expect([url, await codeOf(own.fetch(url))]).toEqual([url, 'not-public']);
  }
  expect(site.requests).toEqual(['GET /']);
  expect(inside.connections()).toBe(0);
});

test('an error tells neither what a name resolved to nor who refused', async () => {
  names['closed.test'] = [v4('127.0.0.1')];
  const own = createFetcher({ userAgent: 'test', allowedOrigins: ['http://closed.test:1'], lookup });
  const errors = await Promise.all(
    ['http://closed.test:1/', 'http://loopback.test/', 'http://gone.test/'].map((url) =>
      own.fetch(url).catch((error: unknown) => error),
    ),
  );
  await own.close();
  for (const error of errors) {
    expect(error).toBeInstanceOf(FetchError);
    const { stack: _, ...told } = { ...(error as FetchError), message: (error as Error).message };
    expect(JSON.stringify(told)).not.toMatch(/127\.0\.0\.1/);
    expect((error as Error).cause).toBeUndefined();
  }
});
