import { describe, expect, it } from 'vitest';
import { readable, readableCode } from './readable.ts';

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
    expect(readableCode('git reset HEAD~')).toBe('`git reset HEAD~`');
    expect(readableCode('git fetch\r\ngit merge')).toBe('```\ngit fetch\ngit merge\n```');
  });

  it('leaves tables as they are', () => {
    expect(readable('| *a* | b |\n| c | d |')).toBe('| *a* | b |\n| c | d |');
  });
});
