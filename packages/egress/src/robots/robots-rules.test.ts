import { expect, test } from 'vitest';
import { parseRobots } from './robots-rules.ts';

const parse = (text: string, agent = 'XoeNovAI') =>
  parseRobots(text, agent, 'https://site.example/robots.txt');

function allows(text: string, path: string, agent = 'XoeNovAI'): boolean {
  return parse(text, agent).isAllowed(new URL(path, 'https://site.example'));
}

const group = (...rules: string[]) => ['User-agent: *', ...rules].join('\n');

test.each([
  // RFC 9309 section 5.2: the longest match decides.
  [
    group('Allow: /example/page/', 'Disallow: /example/page/disallowed.gif'),
    '/example/page/disallowed.gif',
    false,
  ],
  [group('Allow: /example/page/', 'Disallow: /example/page/disallowed.gif'), '/example/page/', true],
  [group('Allow: /p', 'Disallow: /'), '/page', true],
  [group('Allow: /p', 'Disallow: /'), '/other', false],
  [group('Disallow: /folder', 'Allow: /folder'), '/folder/page', true],
  [group('Allow: /$', 'Disallow: /'), '/', true],
  [group('Allow: /$', 'Disallow: /'), '/page.htm', false],
  // Section 2.2.3: special characters.
  [group('Disallow: /*.php$'), '/a/b.php', false],
  [group('Disallow: /*.php$'), '/a/b.php?x=1', true],
  [group('Disallow: /*.php'), '/a/b.php?x=1', false],
  [group('Disallow: /fish*salmon'), '/fish/big/salmon.html', false],
  [group('Disallow: /fish*salmon'), '/fish/salmo', true],
  [group('Disallow: /a*b*c$'), '/axbxbxc', false],
  [group('Disallow: /a*b*c$'), '/axbxbxcx', true],
  [group('Disallow: /*$'), '/anything', false],
  [group('Disallow: /ab*b$'), '/ab', true],
  [group('Disallow: *'), '/anything', false],
  [group('Disallow: /path/file-with-a-%2A.html'), '/path/file-with-a-*.html', false],
  [group('Disallow: /path/foo-%24'), '/path/foo-$', false],
  [group('Disallow: /mid$dle'), '/mid$dle', false],
  [group('Disallow: /mid$dle'), '/mid', true],
  [group('Disallow: /a$b*c$'), '/a$b/c', false],
  [group('Disallow: /a$b*c$'), '/a$b/cd', true],
  [group('Disallow: /$$'), '/$', false],
  [group('Disallow: /$$'), '/$x', true],
  // Section 2.2.2: octets, however they are written.
  [group('Disallow: /foo/bar?baz=quz'), '/foo/bar?baz=quz', false],
  [group('Disallow: /foo/bar/U+E38384'), '/foo/bar/U+E38384', false],
  [group('Disallow: /foo/bar/ツ'), '/foo/bar/%E3%83%84', false],
  [group('Disallow: /foo/bar/%E3%83%84'), '/foo/bar/ツ', false],
  [group('Disallow: /foo/bar/%62%61%7A'), '/foo/bar/baz', false],
  [group('Disallow: /a%3cd.html'), '/a%3Cd.html', false],
  [group('Disallow: /FISH'), '/fish', true],
  // Nothing said, nothing forbidden.
  [group('Disallow:'), '/page', true],
  [group('Disallow: page'), '/page', true],
  ['Disallow: /', '/page', true],
  ['', '/page', true],
  ['<html><body>User-agent: * Disallow: /</body></html>', '/page', true],
])('%j for %s: %s', (text, path, expected) => {
  expect(allows(text, path)).toBe(expected);
});

// As Google's parser has it (robots_test.cc), where that goes beyond RFC 9309.
const GOOGLE: readonly (readonly [text: string, path: string, isAllowed: boolean])[] = [
  // White space instead of a colon, between exactly two words.
  ['user-agent *\ndisallow /a', '/a', false],
  ['user-agent\tXoeNovAI\ndisallow \t /a', '/a', false],
  [group('disallow /a # and why'), '/a', false],
  [group('disallow /a /b'), '/a', true],
  [group('disallow'), '/a', true],
  ['user agent *\ndisallow: /a', '/a', true],
  // The first colon parts them, wherever it is.
  [group('disallow /a:b'), '/a:b', true],
  [group('Disallow : /a'), '/a', false],
  [group(': /a'), '/a', true],
  // Keys by their beginnings, and frequent misspellings.
  ...['useragent', 'user agent', 'User-Agents', 'USER-AGENT'].map((key): [string, string, boolean] => [
    `${key}: *\nDisallow: /a`,
    '/a',
    false,
  ]),
  ...['dissallow', 'dissalow', 'disalow', 'diasllow', 'disallaw', 'Disallowed', 'DISALLOW'].map(
    (key): [string, string, boolean] => [group(`${key}: /a`), '/a', false],
  ),
  [group('Allowed: /a/b', 'Disallow: /a'), '/a/b', true],
  ...['dis-allow', 'disavow', 'noallow', 'no disallow', 'noindex'].map((key): [string, string, boolean] => [
    group(`${key}: /a`),
    '/a',
    true,
  ]),
  ['user_agent: *\nDisallow: /a', '/a', true],
  // Agents.
  ['User-agent: * baz\nDisallow: /a', '/a', false],
  ['User-agent: *bot\nDisallow: /a', '/a', true],
  ['User-agent: XoeNovAI*\nDisallow: /a', '/a', false],
  // Neither unknown lines nor sitemaps end a group.
  ['User-agent: XoeNovAI\nUnknown: x\nhello\nUser-agent: other\nDisallow: /a', '/a', false],
  // What allows the index of a folder allows the folder.
  [group('Allow: /dir/index.html', 'Disallow: /'), '/dir/', true],
  [group('Allow: /dir/index.htm', 'Disallow: /'), '/dir/', true],
  [group('Allow: /dir/index.html', 'Disallow: /'), '/dir/other', false],
  [group('Disallow: /dir/index.html'), '/dir/', true],
];

test.each(GOOGLE)('%j for %s: %s, as Google takes it', (text, path, expected) => {
  expect(allows(text, path)).toBe(expected);
});

test('a sitemap needs no colon of its own, and may be misspelt', () => {
  const text =
    'Site-map: /a.xml\nsitemap /b.xml\nsitemap https://site.example/c.xml\nSitemaps: /d.xml\nmap: /e.xml';
  expect(parse(text).sitemaps).toEqual(
    ['a', 'b', 'c', 'd'].map((name) => `https://site.example/${name}.xml`),
  );
});

test('the group that names us counts, and the one for all does not', () => {
  const text = 'User-agent: *\nDisallow: /\n\nUser-agent: xoenovai\nDisallow: /private';
  expect(allows(text, '/page')).toBe(true);
  expect(allows(text, '/private')).toBe(false);
  expect(allows(text, '/page', 'OtherBot')).toBe(false);
});

test('a group that names us and says nothing allows everything', () => {
  expect(allows('User-agent: *\nDisallow: /\nUser-agent: XoeNovAI\n', '/page')).toBe(true);
});

test('groups that name the same crawler are one group', () => {
  const text =
    'User-agent: XoeNovAI\nDisallow: /a\n\nUser-agent: Other\nDisallow: /b\n\nUser-agent: XOENOVAI/1.0\nDisallow: /c';
  expect(['/a', '/b', '/c'].map((path) => allows(text, path))).toEqual([false, true, false]);
});

test('several names share a group, and other lines between them do not part it', () => {
  const text =
    'User-agent: Other\nCrawl-delay: 2\nSitemap: https://site.example/s.xml\nUser-agent: XoeNovAI\nDisallow: /a';
  expect(allows(text, '/a')).toBe(false);
  expect(allows(text, '/a', 'Other')).toBe(false);
  expect(allows(text, '/a', 'Third')).toBe(true);
});

test('a name is compared as a whole', () => {
  expect(allows('User-agent: Xoe\nDisallow: /', '/page')).toBe(true);
  expect(allows('User-agent: XoeNovAI-Image\nDisallow: /', '/page')).toBe(true);
});

test('byte order marks, comments, spaces and any line ends are taken', () => {
  const text = '\ufeff  USER-AGENT : * # all\r# note\r\n\tdisallow:/a # because\n\nDISALLOW: /b';
  expect(['/a', '/b', '/c'].map((path) => allows(text, path))).toEqual([false, false, true]);
});

test('Crawl-delay is read in seconds and never over half a minute', () => {
  const delay = (value: string) => parse(group(`Crawl-delay: ${value}`, 'Disallow: /x')).crawlDelayMs;
  expect(['2', '0.5', '0', '3600', '-1', 'soon', ''].map(delay)).toEqual([
    2000,
    500,
    0,
    30_000,
    undefined,
    undefined,
    undefined,
  ]);
});

test('sitemaps are for everyone, and a relative one is resolved against the file', () => {
  const text =
    'Sitemap: https://site.example/a.xml\nUser-agent: Other\nDisallow: /\nsitemap:https://cdn.example/b.xml\nSitemap: /c.xml\nSitemap: d.xml\nSitemap: //cdn.example/e.xml\nSitemap:\nSitemap: http://[broken';
  expect(parse(text).sitemaps).toEqual([
    'https://site.example/a.xml',
    'https://cdn.example/b.xml',
    'https://site.example/c.xml',
    'https://site.example/d.xml',
    'https://cdn.example/e.xml',
  ]);
});

test('the line that decides is told as it stands in the file', () => {
  const rules = parse(group('Allow: /p', 'Disallow: /  # all', 'Disallow: /ツ'));
  const lines = ['/page', '/x', '/%E3%83%84'].map((path) =>
    rules.lineFor(new URL(path, 'https://x.example')),
  );
  expect(lines).toEqual(['Allow: /p', 'Disallow: /', 'Disallow: /ツ']);
  expect(parse('').lineFor(new URL('https://x.example/'))).toBeUndefined();
});

test('a pattern made to explode is only slow to write', () => {
  const text = group(`Disallow: /${'*a'.repeat(1000)}b`);
  expect(allows(text, `/${'a'.repeat(1999)}`)).toBe(true);
});
