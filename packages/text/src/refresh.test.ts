import { expect, test } from 'vitest';
import { parseRefresh } from './refresh.ts';

const url = 'https://x.example/docs/t.html';

test.each([
  ['0;url=t.html', { seconds: 0, url }],
  ['0; t.html', { seconds: 0, url }],
  ['0.5; URL = "t.html" and more', { seconds: 0, url }],
  ["  3 , url='t.html#part'", { seconds: 3, url }],
  ['.5 t.html', { seconds: 0, url }],
  ['5', undefined],
  ['5;', undefined],
  ['soon; url=t.html', undefined],
  ['0;url=javascript:alert(1)', undefined],
  ['0;url=http://[', undefined],
])('%j is read as browsers read it', (content, wanted) => {
  expect(parseRefresh(content, 'https://x.example/docs/page.html')).toEqual(wanted);
});
