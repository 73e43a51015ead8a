import { expect, test } from 'vitest';
import { parseMediaType } from './media-type.ts';

test.each([
  ['text/html', 'text/html', undefined],
  ['Text/HTML; Charset=UTF-8', 'text/html', 'utf-8'],
  ['text/html;charset="iso-8859-1"; boundary=x', 'text/html', 'iso-8859-1'],
  ["text/html; charset='utf-8'", 'text/html', 'utf-8'],
  ['application/xhtml+xml ; version=1', 'application/xhtml+xml', undefined],
  ['html', '', undefined],
  ['', '', undefined],
  [undefined, '', undefined],
  ['text/html, text/html', '', undefined],
])('%s', (header, mime, charset) => {
  expect(parseMediaType(header)).toEqual({ mime, charset });
});
