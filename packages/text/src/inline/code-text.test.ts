import { expect, test } from 'vitest';
import { readMarkdown } from '../markdown/read-markdown.ts';
import { codeText } from './code-text.ts';

test.each([
  ['in an item', '1. Run:\n\n   ```js\n   if (a) {\n     b();\n\n   }\n   ```\n'],
  ['in a quote', '> ```js\n> if (a) {\n>   b();\n>\n> }\n> ```\n'],
  ['on its own', '```js\nif (a) {\n  b();\n\n}\n```\n'],
  ['indented', '    if (a) {\n      b();\n\n    }\n'],
  ['with an indented fence', '  ```\n  if (a) {\n    b();\n\n  }\n  ```\n'],
])('code %s keeps its own indentation alone', (_, markdown) => {
  const { text, blocks } = readMarkdown(markdown);
  const code = blocks.find(({ kind }) => kind === 'code');
  expect(code && codeText(text, code.bodyStart, code.bodyEnd)).toBe('if (a) {\n  b();\n\n}');
});

test('a stretch out of the middle of code is read like the rest', () => {
  const text = '- a\n\n  ```\n  one\n    two\n  ```\n';
  expect(codeText(text, text.indexOf('one'), text.indexOf('two') + 3)).toBe('one\n  two');
});
