import { expect, it } from 'vitest';
import { builtInCode, readFormat } from './number-format.ts';

it.each([
  ['General', 1234.5, '1234.5'],
  ['0', 2.5, '3'],
  ['#,##0.00', 1234567.891, '1,234,567.89'],
  ['0000', 42, '0042'],
  ['0.##', 1.5, '1.5'],
  ['0.##', 2, '2'],
  ['#,##0,"k"', 12_345, '12k'],
  ['0.00E+00', 12345, '1.23E+4'],
  ['"No. "0', 7, 'No. 7'],
  ['0.0" kg"', 1.25, '1.3 kg'],
  ['0;(0)', -5, '(5)'],
  ['0;-0;"none"', 0, 'none'],
  ['# ?/?', 0.5, '0.5'],
  ['@', 12, '12'],
  ['#', 0, '0'],
  ['[Red]0.0', -1, '-1.0'],
  ['dd/mm/yyyy', 45352, '2024-03-01'],
  ['[$-407]d. mmmm yyyy;@', 45352, '2024-03-01'],
  ['h:mm AM/PM', 0.75, '18:00'],
  ['[h]:mm:ss', 1.5, '36:00:00'],
  ['yyyy-mm-dd', 59, '1900-02-28'],
  ['yyyy-mm-dd', 61, '1900-03-01'],
  ['yyyy-mm-dd', -1, '-1'],
  ['yyyy-mm-dd', 1e12, '1000000000000'],
  ['', 5, '5'],
])('shows by %j the number %d as %j', (code, value, shown) => {
  expect(readFormat(code, false)(value)).toBe(shown);
});

it('knows the codes that a file states by number alone', () => {
  expect([9, 14, 22, 46, 0, 163].map(builtInCode)).toEqual([
    '0%',
    'yyyy-mm-dd',
    'y_h:mm',
    '[h]:mm:ss',
    'General',
    'General',
  ]);
});
