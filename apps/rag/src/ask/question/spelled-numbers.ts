const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const IRREGULAR_ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

/** The number in English words, with a hyphen: "twenty-seven"; undefined from 100 on. */
export function numberInWords(value: number): string | undefined {
  if (value < UNITS.length) return UNITS[value];
  const tens = TENS[Math.floor(value / 10) - 2];
  if (tens === undefined) return undefined;
  return value % 10 === 0 ? tens : `${tens}-${UNITS[value % 10]}`;
}

/** The number as a rank in English words: "twenty-seventh"; undefined from 100 on. */
export function ordinalInWords(value: number): string | undefined {
  const words = numberInWords(value)?.split('-');
  const last = words?.pop();
  if (words === undefined || last === undefined) return undefined;
  const ordinal = IRREGULAR_ORDINALS[last] ?? `${last.replace(/y$/, 'ie')}th`;
  return [...words, ordinal].join('-');
}

const ROMAN: readonly (readonly [number, string])[] = [
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

/** Roman numeral of a number below 400. */
export function romanNumeral(value: number): string {
  let rest = value;
  let numeral = '';
  for (const [size, letters] of ROMAN) {
    numeral += letters.repeat(Math.floor(rest / size));
    rest %= size;
  }
  return numeral;
}
