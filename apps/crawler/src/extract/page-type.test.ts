import { expect, test } from 'vitest';
import { pageTypeOf } from './page-type.ts';

const OFFICE = 'application/vnd.openxmlformats-officedocument';

test.each([
  // The media type, the path or file name, and how it is read.
  ['text/html', '/a.pdf', 'html text/html'],
  ['', '/', 'html text/html'],
  ['', '/a.pdf', 'pdf application/pdf file'],
  ['application/xhtml+xml', '/a', 'html application/xhtml+xml'],
  ['text/x-markdown', '/a', 'markdown text/markdown'],
  ['text/plain', '/README.md', 'markdown text/markdown'],
  ['text/plain', '/robots.txt', 'text text/plain'],
  ['text/plain', '/page.html', 'text text/plain'],
  ['text/plain', '/main.py', 'text text/plain in python'],
  ['text/plain', '/main.unknown', 'text text/plain'],
  ['application/octet-stream', '/lib.rs', 'text text/plain in rust'],
  ['', '/app.ts', 'text text/plain in typescript'],
  ['text/x-python', '/view', 'text text/plain in python'],
  ['text/x-csrc', '/view', 'text text/plain in c'],
  ['text/x-c++src', '/a.cc', 'text text/plain in cpp'],
  ['text/x-script.python', '/view', 'text text/plain in python'],
  ['application/x-sh', '/install', 'text text/plain in bash'],
  ['application/yaml', '/values', 'text text/plain in yaml'],
  ['application/x-yaml', '/values.yml', 'text text/plain in yaml'],
  ['text/yaml', '/values.yml', 'text text/plain in yaml'],
  ['application/javascript', '/a.js', undefined],
  ['text/plain', '/rows.csv', 'csv text/csv file'],
  ['application/octet-stream', '/a.markdown', 'markdown text/markdown'],
  ['application/octet-stream', '/get?file=a.md', undefined],
  ['application/octet-stream', '/setup.exe', undefined],
  ['application/octet-stream', 'guide.PDF', 'pdf application/pdf file'],
  ['application/x-pdf', '/a', 'pdf application/pdf file'],
  [
    'application/vnd.ms-word.document.macroenabled.12',
    '/a.docm',
    `office ${OFFICE}.wordprocessingml.document file`,
  ],
  ['binary/octet-stream', '/a.ods', 'office application/vnd.oasis.opendocument.spreadsheet file'],
  ['application/epub+zip', '/a', 'epub application/epub+zip file'],
  ['text/x-rst', '/a', 'text text/x-rst file'],
  ['application/ndjson', '/a', 'json application/x-ndjson file'],
  ['application/atom+xml', '/a', 'feed application/atom+xml'],
  ['text/xml', '/a', 'feed text/xml'],
  ['text/css', '/a.css', undefined],
  ['image/svg+xml', '/a.svg', undefined],
  ['message/rfc822', '/a.eml', undefined],
  ['application/zip', '/a.zip', undefined],
])('%j at %s is %s', (contentType, name, wanted) => {
  const isPath = name.startsWith('/');
  const said = {
    contentType,
    url: `https://x.example${isPath ? name : '/get'}`,
    fileName: isPath ? undefined : name,
  };
  const found = pageTypeOf(said);
  const { isFile, language } = found ?? {};
  const how = `${isFile ? ' file' : ''}${language === undefined ? '' : ` in ${language}`}`;
  expect(found && `${found.type} ${found.contentType}${how}`).toBe(wanted);
});
