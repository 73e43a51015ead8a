import { expect, test } from 'vitest';
import { looksLikeShell, textLength } from './looks-like-shell.ts';

const sentence = 'Bread needs flour, water, salt and time, and the time is the hardest part to get. ';

test.each([
  ['a React root', '<!doctype html><title>App</title><div id="root"></div><script src="/a.js"></script>'],
  ['a Vue root', '<body><div id=app> </div><script type=module src=/m.js></script></body>'],
  ['a root that still says so', '<div id="__next"></div><p>Loading…</p><script>x()</script>'],
  ['an Angular root', '<app-root></app-root><script src=main.js></script>'],
  [
    'a notice',
    '<h1>Our shop</h1><p>Welcome to our shop, the best there is in the whole town and beyond it.</p><noscript>You need to enable JavaScript to run this app.</noscript><script src=a.js></script>',
  ],
  ['nothing but a script', '<html><body><script>document.write("hi")</script></body></html>'],
  [
    'text only in the state',
    `<div id="app"></div><script>window.__STATE__={"text":"${sentence.repeat(20)}"}</script>`,
  ],
])('%s is a shell', (_name, html) => {
  expect(looksLikeShell(html)).toBe(true);
});

test.each([
  ['an article with scripts', `<main><p>${sentence.repeat(10)}</p></main><script src=a.js></script>`],
  [
    'a root filled by the server',
    `<div id="root"><p>${sentence.repeat(10)}</p></div><script src=a.js></script>`,
  ],
  ['a short page without scripts', '<h1>Moved</h1>'],
  [
    'a short page with a counter script',
    `<h1>Opening hours</h1><p>${sentence.repeat(2)}</p><script src=count.js></script>`,
  ],
  [
    'an article about JavaScript',
    `<p>${sentence.repeat(6)}To enable JavaScript, open the settings.</p><script src=a.js></script>`,
  ],
  ['nothing', ''],
])('%s is no shell', (_name, html) => {
  expect(looksLikeShell(html)).toBe(false);
});

test('only what a reader sees is text', () => {
  expect(
    textLength('<title>no</title><style>no{}</style><p> yes </p><script>no</script><noscript>no</noscript>'),
  ).toBe(3);
});

test('only the first megabyte of a page is read', () => {
  const shell = `<div id="root"></div><script src="/a.js"></script>${' '.repeat(2 ** 20)}`;
  const text = `<p>${sentence.repeat(20)}</p>`;
  // Text that comes so late is not seen, and the same text at the start is.
  expect(looksLikeShell(shell + text)).toBe(true);
  expect(looksLikeShell(text + shell)).toBe(false);
});
