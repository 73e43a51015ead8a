import { describe, expect, it, test } from 'vitest';
import { areRelatedStems, holdsWord, stemsOf, wordsOf } from './words.ts';

describe('holdsWord', () => {
  it.each([
    ['ISO27001', 'the norm ISO 27001'],
    ['ISO 27001', 'the norm ISO27001'],
    ['Fürth', 'Fuerth an der Pegnitz'],
    ['RTO', 'The Recovery Time Objective is four hours'],
    ['Recovery Time Objective', 'an RTO of four hours'],
    ['null pointer', 'throws NullPointerException'],
    ['비밀번호를', '비밀번호는 90일마다'],
    ['1250', 'draws 1,250 W'],
  ])('finds %s in "%s"', (asked, text) => {
    const stems = stemsOf(text);
    expect(wordsOf(asked).filter((word) => !holdsWord(stems, word))).toEqual([]);
  });

  it('needs all parts of a name', () => {
    const [name] = wordsOf('getUserById');
    expect(name && holdsWord(stemsOf('get a user'), name)).toBe(false);
  });
});

test.each([
  ['failur', 'fail', true],
  ['книг', 'книжк', true],
  ['αντιγραφο', 'αντιγραφα', true],
  ['datenschutz', 'datenschutzgrundverordnung', true],
  ['versicherung', 'haftpflichtversicherung', true],
  ['table', 'portabl', false],
  ['port', 'portabl', false],
  ['数据', '数量', false],
])('whether %s and %s are of one family', (one, other, expected) => {
  expect(areRelatedStems(one, other)).toBe(expected);
  expect(areRelatedStems(other, one)).toBe(expected);
});
