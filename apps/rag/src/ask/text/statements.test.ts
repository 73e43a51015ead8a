import { readMarkdown } from '@xnai/text/markdown';
import { describe, expect, it } from 'vitest';
import { passageIn } from './passage.ts';
import { statementsOf } from './statements.ts';

function read(text: string) {
  return statementsOf(passageIn(readMarkdown(text))).map(
    ({ kind, start, end, fullEnd, lead, isLeadAdjacent }) => ({
      kind,
      text: text.slice(start, end),
      ...(lead === undefined ? {} : { lead: lead.text, isLeadAdjacent }),
      ...(fullEnd === end ? {} : { full: text.slice(start, fullEnd) }),
    }),
  );
}

describe('the statements of a chunk', () => {
  it('know the options they describe, as definition lists become in Markdown', () => {
    const text = `\\-a

\\--all

Stage what was changed. New files are left alone.

\\-p

Choose interactively.`;
    expect(read(text)).toEqual([
      { kind: 'label', text: '\\-a' },
      { kind: 'label', text: '\\--all' },
      { kind: 'sentence', text: 'Stage what was changed.', lead: '-a --all', isLeadAdjacent: true },
      {
        kind: 'sentence',
        text: 'New files are left alone.',
        lead: '-a --all',
        isLeadAdjacent: false,
      },
      { kind: 'label', text: '\\-p' },
      { kind: 'sentence', text: 'Choose interactively.', lead: '-p', isLeadAdjacent: true },
    ]);
  });

  it('know them in nested lists, too', () => {
    const text = '* \\-a\n\n  * Stage all.\n\n* \\-p\n\n  * Choose some.';
    expect(read(text)).toMatchObject([
      { text: '\\-a' },
      { text: 'Stage all.', lead: '-a' },
      { text: '\\-p' },
      { text: 'Choose some.', lead: '-p' },
    ]);
  });

  it('are complete with the code or list that they introduce', () => {
    const text = 'To undo it, run:\n\n```sh\ngit reset HEAD~\n```\n\nThe modes are:\n\n- soft\n- hard';
    expect(read(text)).toMatchObject([
      { text: 'To undo it, run:', full: 'To undo it, run:\n\n```sh\ngit reset HEAD~' },
      { kind: 'code', text: 'git reset HEAD~', lead: 'To undo it, run:' },
      { text: 'The modes are:', full: 'The modes are:\n\n- soft\n- hard' },
      { text: 'soft', lead: 'The modes are:' },
      { text: 'hard', lead: 'The modes are:' },
    ]);
  });

  it('are rows of a table under its header', () => {
    const text = '| Name | Port |\n| --- | ---: |\n| ssh | 22 |\n| http | 80 |';
    expect(read(text)).toMatchObject([
      { kind: 'row', text: '| ssh | 22 |', lead: 'Name, Port' },
      { kind: 'row', text: '| http | 80 |', lead: 'Name, Port' },
    ]);
  });

  it('leave out headings, rules and marks, and take a label for one flush paragraph only', () => {
    const text = '## Title\n\nA label\n\nThe first. \n\n***\n\nThe second.\n\n> Quoted text here.';
    expect(read(text)).toEqual([
      { kind: 'label', text: 'A label' },
      { kind: 'sentence', text: 'The first.', lead: 'A label', isLeadAdjacent: true },
      { kind: 'sentence', text: 'The second.', lead: 'A label', isLeadAdjacent: false },
      { kind: 'sentence', text: 'Quoted text here.' },
    ]);
  });

  it('begin wherever the chunk begins: in the middle of a code block or list', () => {
    expect(read('  its end.\n- next item.')).toMatchObject([{ text: 'its end.' }, { text: 'next item.' }]);
    expect(read('')).toEqual([]);
  });
});
