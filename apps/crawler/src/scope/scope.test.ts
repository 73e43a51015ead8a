import { expect, test } from 'vitest';
import { createScope, type ScopeRules } from './scope.ts';

const reasons = (rules: ScopeRules, urls: readonly string[], depth = 1) => {
  const scope = createScope(rules);
  return urls.map((url) => scope.locate(url, depth).reason ?? 'in');
};

test.each(['https://x.example/docs/', 'https://x.example/docs', 'https://x.example/docs/git.html'])(
  'a crawl of %s takes the pages below /docs/ on that host',
  (url) => {
    const urls = [
      'https://x.example/docs/',
      'https://x.example/docs/a/b.html?c=1#d',
      'http://x.example/docs/a',
      'https://www.x.example/docs/a',
      'https://x.example/docs',
      'https://x.example/',
      'https://x.example/docs-old/a',
      'https://x.example:8443/docs/a',
      'https://sub.x.example/docs/a',
      'https://y.example/docs/a',
      'https://notx.example/docs/a',
    ];
    expect(reasons({ url }, urls)).toEqual([...Array(5).fill('in'), ...Array(6).fill('scope')]);
  },
);

test('the folder of a start URL is found with and without a file name', () => {
  const below = (url: string, page: string) => reasons({ url }, [page])[0];
  expect(below('https://x.example', 'https://x.example/any/page')).toBe('in');
  expect(below('https://x.example/index.html', 'https://x.example/any/page')).toBe('in');
  expect(below('https://x.example/v1.2', 'https://x.example/v1.2/page')).toBe('in');
  expect(below('https://x.example/v1.2', 'https://x.example/v1.3/page')).toBe('scope');
  expect(below('https://x.example/docs/page.php', 'https://x.example/docs/other.php?id=1')).toBe('in');
});

test('the start URL belongs to its crawl whatever the rules say', () => {
  const rules = { url: 'https://x.example/start', includePaths: ['^/other'], excludePaths: ['start'] };
  expect(reasons(rules, ['https://x.example/start', 'https://x.example/start/a'])).toEqual([
    'in',
    'filtered',
  ]);
});

test('wider crawls: the whole host, hosts below it, any host', () => {
  const url = 'https://www.x.example/docs/';
  const urls = [
    'https://x.example/blog',
    'https://sub.x.example/a',
    'https://y.example/a',
    'https://evilx.example/a',
  ];
  expect(reasons({ url, crawlEntireDomain: true }, urls)).toEqual(['in', 'scope', 'scope', 'scope']);
  expect(reasons({ url, allowSubdomains: true }, urls)).toEqual(['scope', 'in', 'scope', 'scope']);
  expect(reasons({ url, allowExternalLinks: true }, urls)).toEqual(['scope', 'in', 'in', 'in']);
});

test('paths are included and excluded by pattern, and excluding wins', () => {
  const rules = {
    url: 'https://x.example/',
    includePaths: ['^/docs/', '\\.md$'],
    excludePaths: ['/old/', '^/docs/private$'],
  };
  const paths = [
    '/docs/a',
    '/a.md',
    '/a.html',
    '/docs/old/a',
    '/docs/private',
    '/docs/private/a',
    '/x?y=/docs/',
  ];
  expect(
    reasons(
      rules,
      paths.map((path) => `https://x.example${path}`),
    ),
  ).toEqual(['in', 'in', 'filtered', 'filtered', 'filtered', 'in', 'filtered']);
});

test('a pattern that explodes does not stop the crawl', () => {
  const rules = { url: 'https://x.example/', excludePaths: ['^/(a+)+$'] };
  expect(reasons(rules, [`https://x.example/${'a'.repeat(100)}!`])).toEqual(['in']);
});

test('links are followed as deep as the rules say', () => {
  const rules = { url: 'https://x.example/', maxDiscoveryDepth: 2 };
  expect([0, 1, 2, 3].map((depth) => reasons(rules, ['https://x.example/a'], depth)[0])).toEqual([
    'in',
    'in',
    'in',
    'depth',
  ]);
  expect(reasons({ ...rules, maxDiscoveryDepth: 0 }, ['https://x.example/', 'https://x.example/a'])).toEqual([
    'in',
    'depth',
  ]);
});

test('what cannot be fetched is left out with its reason, and the shape of a path is none', () => {
  const urls = [
    'mailto:a@x.example',
    'ftp://x.example/',
    'no url',
    'https://u:p@x.example/',
    `https://x.example/${'a'.repeat(2000)}`,
    'https://x.example/a/b/a/b/a',
  ];
  expect(reasons({ url: 'https://x.example/' }, urls)).toEqual([...Array(5).fill('url-invalid'), 'in']);
});

test('the verdict carries the URL to fetch and to compare by', () => {
  const scope = createScope({ url: 'https://x.example/', ignoreQueryParameters: true });
  expect(scope.locate('HTTPS://x.example:443/%7Ea?b=1#c', 1)).toEqual({ url: 'https://x.example/~a' });
});

test('redirects stay on the sites of the crawl', () => {
  const scope = createScope({ url: 'https://x.example/docs/' });
  const check = (url: string) => scope.isRedirectAllowed(new URL(url));
  expect(check('https://www.x.example/other')).toBe(true);
  expect(check('https://y.example/docs/')).toBe(false);
  expect(
    createScope({ url: 'https://x.example/', allowExternalLinks: true }).isRedirectAllowed(
      new URL('https://y.example/'),
    ),
  ).toBe(true);
});

test('when the start page has moved, the crawl begins there', () => {
  const scope = createScope({ url: 'http://x.example/docs', maxDiscoveryDepth: 1 }).rebase(
    'https://www.x.example/en/docs/',
  );
  expect(scope.locate('https://www.x.example/en/docs/a', 1).reason).toBeUndefined();
  expect(scope.locate('https://www.x.example/docs/a', 1).reason).toBe('scope');
  expect(scope.locate('https://www.x.example/en/docs/a', 2).reason).toBe('depth');
});
