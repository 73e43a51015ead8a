import { readHtml } from '@xnai/text/html';
import { readMarkdown } from '@xnai/text/markdown';
import { readPlainText } from '@xnai/text/plain-text';
import { describe, expect, it } from 'vitest';
import { passageIn } from './passage.ts';
import { readable as readableSpan } from './readable.ts';

function readable(text: string): string {
  return readableSpan(passageIn(readMarkdown(text)), { start: 0, end: text.length });
}

describe('a quote in an answer', () => {
  it('has links by their words, and no marks', () => {
    expect(readable('See **the** [`git` guide](https://example.org/a_b "x") for \\-f and _more_.')).toBe(
      'See the `git` guide for -f and more.',
    );
  });

  it('leaves code spans as they are', () => {
    const text = 'Tags go with `refs/tags/*:refs/tags/*`, or with ``a `__b__` *c*``.';
    expect(readable(text)).toBe(text);
    expect(readable('**`git revert HEAD~3`**: Revert *it*.')).toBe('`git revert HEAD~3`: Revert it.');
  });

  it('closes a code block that it was cut out of, and reads the words before it', () => {
    expect(readable('To *undo* it, run [this](x.html):\r\n\r\n```sh\r\n$ git revert HEAD')).toBe(
      'To undo it, run this:\n\n```sh\n$ git revert HEAD\n```',
    );
    expect(readable('Run:\n\n```\na *b* c\n```')).toBe('Run:\n\n```\na *b* c\n```');
  });

  it('shows code as code', () => {
    expect(readable('```\ngit reset HEAD~\n```')).toBe('`git reset HEAD~`');
    expect(readable('```\r\ngit fetch\r\ngit merge\r\n```')).toBe('```\ngit fetch\ngit merge\n```');
  });

  it('has the rows of a table under the names of their columns', () => {
    expect(readable('| *Name* | Port | Use |\n|---|--:|---|\n| `ssh` | 22 | a \\| b |\n| dns | 53 | |')).toBe(
      'Name: `ssh`; Port: 22; Use: a | b\nName: dns; Port: 53',
    );
    expect(readable('| Name | Port |\n|---|---|')).toBe('Name, Port');
    expect(readable('| Or | Both |\n|---|---|\n| x\\| | y\\| |')).toBe('Or: x|; Both: y|');
  });

  it('has the rows of a table without names under their first cell', () => {
    const { document } = readHtml(
      '<table><tr><th>Default:<td>5 s<tr><th>Context<td>server<td>host<tr><td>alone</table>',
    );
    expect(readableSpan(passageIn(document), { start: 0, end: document.text.length })).toBe(
      'Default: 5 s\nContext: server; host\nalone',
    );
  });

  it('has definitions, notes and front matter with what they are called', () => {
    expect(readable('---\nauthor: the *harbour* team\n---')).toBe('author: the harbour team');
    expect(readable('MTU\n: 1492 bytes')).toBe('MTU: 1492 bytes');
    expect(readable('- **ssh**\n\n  22 over TCP')).toBe('ssh: 22 over TCP');
  });

  it('has quotations without the marks of their lines', () => {
    expect(readable('> > The ferry does not run\n> > in January.')).toBe(
      'The ferry does not run in January.',
    );
  });

  it('has a list one item a line, with its numbers', () => {
    expect(readable('Do this:\n\n1. One.\n2. Two\n   and on.')).toBe('Do this:\n1. One.\n2. Two and on.');
  });

  it('keeps every letter and line of plain text', () => {
    const text = '# __init__ **all** [a](b) &lt; C:\\_x\\#1\nx::y = 1';
    expect(readableSpan(passageIn(readPlainText(text)), { start: 0, end: text.length })).toBe(text);
  });
});
