import { expect, test } from 'vitest';
import { fileNameOf } from './file-name.ts';

test.each([
  ['attachment; filename="guide.pdf"', 'guide.pdf'],
  ['attachment; filename=guide.pdf; size=3', 'guide.pdf'],
  [`inline; filename="x.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf`, 'Größe.pdf'],
  [`inline; filename*=UTF-8''%zz; filename=x.pdf`, 'x.pdf'],
  ['attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="C:\\\\temp\\\\a.pdf"', 'a.pdf'],
  ['attachment; filename=""', undefined],
  ['attachment', undefined],
  [undefined, undefined],
])('%s names %s', (header, name) => {
  expect(fileNameOf(header)).toBe(name);
});
