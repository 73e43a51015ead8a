import { describe, expect, test } from 'vitest';
import { Filter } from './filter.ts';

const nested = (levels: number): object =>
  levels === 0 ? { lang: 'en' } : { any: [nested(levels - 1), { n: 1 }] };

describe('a filter is refused with its place and what was expected', () => {
  test.each<[string, unknown, string]>([
    ['no object', 'lang', ': expected record'],
    ['an empty list', { lang: [] }, 'lang: expected a list that is not empty'],
    ['null', { lang: null }, 'lang: expected a text, a number, or true or false'],
    ['a list in a list', { lang: [['en']] }, 'lang: expected a text, a number, or true or false'],
    ['an unknown operator', { year: { above: 3 } }, 'year.above: unknown operator; there are gt, gte, lt,'],
    ["a peer's operator", { year: { $gte: 3 } }, 'year.$gte: unknown operator; did you mean gte?'],
    [
      "a peer's alternatives",
      { $or: [{ a: 1 }] },
      '$or: expected values; a list of filters stands under any',
    ],
    ['no operator', { year: {} }, 'year: expected at least one of gt, gte'],
    ['a bound that is no number', { year: { gt: 'old' } }, 'year.gt: expected a number, or a date such as'],
    ['a day that is not', { at: { gt: '2023-02-29' } }, 'at.gt: expected a number, or a date such as'],
    ['an hour that is not', { at: { lt: '2024-05-31T25:00:00Z' } }, 'at.lt: expected a number, or a date'],
    ['in without a list', { lang: { in: 'en' } }, 'lang.in: expected a list of values'],
    ['exists without true or false', { lang: { exists: 1 } }, 'lang.exists: expected true or false'],
    ['an empty alternative', { any: [{ a: 1 }, {}] }, 'any.1: expected at least one condition'],
    ['an alternative that is no object', { any: [{ a: 1 }, 2] }, 'any.1: expected an object of conditions'],
    ['deep inside', { not: { any: [{ year: { gt: true } }] } }, 'not.any.0.year.gt: expected a number'],
    ['six levels', nested(6), ': expected at most 5 levels of any, all and not'],
    [
      'too many keys',
      Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, n])),
      ': expected at most 20 keys',
    ],
    [
      'too many conditions',
      { any: Array.from({ length: 51 }, (_, n) => ({ n })) },
      ': expected at most 50 conditions',
    ],
    [
      'too many values',
      { n: { in: Array.from({ length: 101 }, (_, n) => n) } },
      'n.in: expected at most 100',
    ],
  ])('%s', (_, filter, expected) => {
    const { error } = Filter.safeParse(filter);
    const said = (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(said.join('\n')).toContain(expected);
    expect(said).toHaveLength(1);
  });
});

test.each<[string, Filter]>([
  ['nothing', {}],
  ['values and lists', { lang: ['en', 'de'], year: 2024, draft: false }],
  ['five levels', nested(5) as Filter],
  ['fifty conditions', { any: Array.from({ length: 50 }, (_, n) => ({ n })) }],
])('is taken as it is: %s', (_, filter) => {
  expect(Filter.parse(filter)).toEqual(filter);
});
