import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { readRst } from './read-rst.ts';

const read = (text: string) => blocksOf(readRst(text));

describe('readRst', () => {
  it('takes levels of titles from the order of their marks', () => {
    const document = readRst(
      '=====\nGuide\n=====\n\n:Author: A. Person\n\nPumps\n=====\n\nOil\n---\n\nText.\n\n----\n\nPiers\n=====\n',
    );
    expect(document.blocks.map((block) => block.kind === 'heading' && block.level)).toEqual([
      1,
      false,
      2,
      3,
      false,
      2,
    ]);
    expect(document.title).toBe('Guide');
    expect(blocksOf(document)[1]).toBe('metadata: A. Person');
  });

  it('reads items with what belongs to them', () => {
    const document = readRst(
      '3. Start it::\n\n     pump on\n\n   - check\n     the oil\n\n#. Stop it.\n\n   More words.\n',
    );
    expect(blocksOf(document)).toEqual([
      'item: Start it:',
      'code: pump on',
      'item: check the oil',
      'item: Stop it.',
      'paragraph: More words.',
    ]);
    expect(document.blocks.map(({ parent }) => parent)).toEqual([-1, 0, 0, -1, 3]);
    expect(document.blocks[3]).toMatchObject({ list: 0, ordinal: 4, depth: 0 });
  });

  it('reads terms, fields and options as definitions', () => {
    expect(
      read(
        'Words.\n\nMTU : int\n    1492 bytes\n\n    At most.\n\n.. function:: f(x)\n\n   :param x: the way\n\n-v, --verbose  say more\n--out=FILE     where to\n',
      ),
    ).toEqual([
      'paragraph: Words.',
      'definition: 1492 bytes',
      'paragraph: At most.',
      'definition: ',
      'definition: the way',
      'definition: say more',
      'definition: where to',
    ]);
  });

  it('shows links, roles and marks by their words', () => {
    expect(
      read(
        'See `the guide <https://x.example>`_, Python_, |name| and :ref:`pumps <p>`; run ``make *all*`` or :py:func:`~os.path.join`.\n\n' +
          'It is *very* **large**: 10\\ :sup:`6` [1]_ a\\*b, 2*3*4 and __init__, :pep:`8`.\n\n.. |name| replace:: the *pier*\n.. _Python: https://python.example\n',
      ),
    ).toEqual([
      'paragraph: See the guide, Python, the pier and pumps; run `make *all*` or `join`.',
      'paragraph: It is very large: 10^6 [1] a*b, 2*3*4 and __init__, PEP 8.',
    ]);
  });

  it('reads directives: code with its language, notes, figures, versions', () => {
    const document = readRst(
      '.. code-block:: python\n   :linenos:\n\n   def f():\n       return 1\n\n.. warning::\n   Hot.\n\n   - very\n\n.. figure:: a.png\n   :alt: The pier\n\n   In *1900*.\n\n.. versionadded:: 3.2 With care.\n\n.. [#n] A note.\n\n.. toctree::\n\n   a\n\n.. a comment\n',
    );
    expect(blocksOf(document)).toEqual([
      'code: def f():\n    return 1',
      'note: Hot.',
      'item: very',
      'caption: The pier',
      'paragraph: In 1900.',
      'note: With care.',
      'note: A note.',
    ]);
    expect(
      document.blocks.map((block) =>
        block.kind === 'note' ? block.label : block.kind === 'code' ? block.language : '',
      ),
    ).toEqual(['python', 'warning', '', '', '', 'versionadded 3.2', 'n']);
    expect(document.losses).toEqual([
      { rule: 'navigation', chars: 1 },
      { rule: 'comment', chars: 9 },
    ]);
  });

  it('reads tables that are drawn, listed or separated by commas', () => {
    expect(read('+---+-----+\n| a | b   |\n+===+=====+\n| 1 | two |\n|   | x   |\n+---+-----+\n')).toEqual([
      'row: a | b',
      'row: 1 | two x',
    ]);
    expect(read('===  ====\na    b\n===  ====\n1    two\n     x\n2    y\n===  ====\n\nEnd.\n')).toEqual([
      'row: a | b',
      'row: 1 | two x',
      'row: 2 | y',
      'paragraph: End.',
    ]);
    expect(
      read(
        '.. list-table:: Sizes\n   :header-rows: 1\n\n   * - a\n     - b\n   * - 1\n     - two\n       more\n',
      ),
    ).toEqual(['caption: Sizes', 'row: a | b', 'row: 1 | two more']);
    expect(read('.. csv-table::\n   :header: "a", "b"\n\n   1, "two, three"\n')).toEqual([
      'row: a | b',
      'row: 1 | two, three',
    ]);
  });

  it('keeps literal blocks, doctests, quotes and line blocks apart', () => {
    expect(
      read(
        'Say::\n\n  a  b\n\n    c\n\n>>> 1 + 1\n2\n\n    Quoted\n    words.\n\n| one\n| two\n\nQuoted lines::\n\n> x\n> y\n',
      ),
    ).toEqual([
      'paragraph: Say:',
      'code: a  b\n\n  c',
      'code: >>> 1 + 1\n2',
      'quote: Quoted words.',
      'paragraph: one\ntwo',
      'paragraph: Quoted lines:',
      'code: > x\n> y',
    ]);
  });

  it('does not take a number in prose for an item', () => {
    expect(read('It was built in\n1900. It stands.\n\n1900. It stands\nstill.\n')).toEqual([
      'paragraph: It was built in 1900. It stands.',
      'paragraph: 1900. It stands still.',
    ]);
  });

  it('ends strong text at its own mark, and shows a mark that nothing ends', () => {
    expect(read('**a** and **b c** and **\\*d***, **e\n')).toEqual(['paragraph: a and b c and *d*, **e']);
  });

  // A look at all that follows, once for each mark, makes these take minutes: the time limit of the test ends it.
  it.each(['**a ', ':a', '-:a', 'a.', 'a:', '*a ', '``a ', '`a ', '|a', '[a', 'a\nb\n c\n'])(
    'reads a megabyte of %j without looking far ahead from each',
    (mark) => {
      const text = mark.repeat(2 ** 20 / mark.length);
      expect(blocksOf(readRst(text)).join('').length).toBeGreaterThan(2 ** 18);
    },
  );

  it.each([
    ['nested quotes', Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}x\n\n`).join('')],
    ['nested items', `${'- '.repeat(3000)}x`],
    ['open marks', '*a `b :c:`'.repeat(20_000)],
    ['bars', `|${'a|'.repeat(50_000)}`],
    ['underlines', '=\n'.repeat(50_000)],
  ])('takes %s without growth of the text', (_, text) => {
    expect(blocksOf(readRst(text)).join('').length).toBeLessThan(text.length * 3);
  });
});
