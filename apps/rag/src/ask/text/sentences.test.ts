import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences.ts';

const split = (text: string) => sentencesOf(text).map(({ start, end }) => text.slice(start, end));

describe('the sentences of a paragraph', () => {
  it('do not end at abbreviations, initials, or dots inside code and brackets', () => {
    expect(split('Use a tool, e.g. Git. Dr. J. Smith wrote it.')).toEqual([
      'Use a tool, e.g. Git.',
      'Dr. J. Smith wrote it.',
    ]);
    expect(split('It was founded in the U.S. and grew. It sells tea, etc. Nobody knows.')).toEqual([
      'It was founded in the U.S. and grew.',
      'It sells tea, etc.',
      'Nobody knows.',
    ]);
    expect(split('Der Kurs beginnt am 3. März, z. B. abends. Er endet auf Gleis 3. Der Zug kommt.')).toEqual([
      'Der Kurs beginnt am 3. März, z. B. abends.',
      'Er endet auf Gleis 3.',
      'Der Zug kommt.',
    ]);
    expect(split('Set `core.editor. Then` to vi. (See also. Here.) Done.')).toEqual([
      'Set `core.editor. Then` to vi.',
      '(See also. Here.)',
      'Done.',
    ]);
  });

  it('may begin with a word that begins with a stop', () => {
    expect(split('The gateway listens on fe80::2%eth0. .NET 8 is needed. So is the .NET runtime.')).toEqual([
      'The gateway listens on fe80::2%eth0.',
      '.NET 8 is needed.',
      'So is the .NET runtime.',
    ]);
  });

  it('do not end at a line break', () => {
    expect(split('One sentence on\ntwo lines.\r\nAnother.')).toEqual([
      'One sentence on\ntwo lines.',
      'Another.',
    ]);
  });

  it('are cut at clauses when they are far too long, and nothing is lost', () => {
    const text = Array.from({ length: 60 }, (_, i) => `the clause with number ${i}`).join(', ');
    const parts = split(text);
    expect(parts.length).toBeGreaterThan(2);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(480);
    expect(parts.join(' ')).toBe(text);
  });

  it('are none in a paragraph of white space', () => {
    expect(split(' \n ')).toEqual([]);
  });
});
