import { anyOf } from './grammar-rules.ts';
import type { Schema } from './schema.ts';

/** Bounds of a number as decimals; undefined: as far as numbers are exact. */
export interface Bounds {
  readonly low?: Bound | undefined;
  readonly high?: Bound | undefined;
}

export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

/** Decimals of this many digits are exact, and their order is that of the numbers that they are read as. */
const EXACT_DIGITS = 15;

export function boundsOf(schema: Schema): Bounds {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return {
    low: strictest(minimum, exclusiveMinimum, (a, b) => a > b),
    high: strictest(maximum, exclusiveMaximum, (a, b) => a < b),
  };
}

function strictest(plain: unknown, exclusive: unknown, isStricter: (a: number, b: number) => boolean) {
  if (typeof exclusive === 'number' && !(typeof plain === 'number' && isStricter(plain, exclusive)))
    return { value: exclusive, isExclusive: true };
  return typeof plain === 'number' ? { value: plain, isExclusive: false } : undefined;
}

/** The whole numbers within the bounds; undefined when there are none. */
export function wholeBounds({ low, high }: Bounds): readonly [number, number] | undefined {
  const least = Math.ceil(low?.value ?? -LARGEST);
  const most = Math.floor(high?.value ?? LARGEST);
  const from = Math.max(low?.isExclusive && least === low.value ? least + 1 : least, Number.MIN_SAFE_INTEGER);
  const to = Math.min(high?.isExclusive && most === high.value ? most - 1 : most, Number.MAX_SAFE_INTEGER);
  return from <= to ? [from, to] : undefined;
}

const LARGEST = 10 ** EXACT_DIGITS - 1;

/** Whole numbers, without a point or an exponent. */
export function integerGrammar(bounds: Bounds): string {
  if (bounds.low === undefined && bounds.high === undefined) return `"-"? [1-9] [0-9]{0,14} | "0"`;
  const [low, high] = wholeBounds(bounds) ?? [0, 0];
  const negative = low < 0 ? alternatives(Math.max(1, -high), -low).map((digits) => `"-" ${digits}`) : [];
  const positive = high >= 0 ? alternatives(Math.max(0, low), high) : [];
  return anyOf([...negative, ...positive]);
}

function alternatives(low: number, high: number): string[] {
  return digitsBetween(BigInt(low), BigInt(high), 1).map((digits) => digits.join(' '));
}

/** Decimal numbers; without bounds in the notation with an exponent too. */
export function numberGrammar({ low, high }: Bounds): string {
  if (low === undefined && high === undefined) {
    return `"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?`;
  }
  const hasNegative = low === undefined || low.value < 0;
  const hasPositive = high === undefined || high.value > 0 || (high.value === 0 && !high.isExclusive);
  const negative = hasNegative ? magnitudes({ low: negated(high), high: negated(low) }) : [];
  const positive = hasPositive ? magnitudes({ low, high }) : [];
  return anyOf([...negative.map((digits) => `"-" ${digits}`), ...positive]);
}

function negated(bound: Bound | undefined): Bound | undefined {
  return bound && { value: 0 - bound.value, isExclusive: bound.isExclusive };
}

/** The numbers from 0 on that are within the bounds. */
function magnitudes({ low, high }: Bounds): string[] {
  const from = low !== undefined && low.value >= 0 ? low : { value: 0, isExclusive: false };
  const decimals = Math.max(decimalsOf(from.value), decimalsOf(high?.value ?? 0));
  const first = scaled(from.value, decimals);
  const last = high === undefined ? 10n ** BigInt(EXACT_DIGITS - 1) : scaled(high.value, decimals);
  const within = (a: bigint, b: bigint) => digitsBetween(a, b, decimals + 1);
  const write = (more: (digits: number) => string) => (digits: readonly string[]) =>
    [...pointed(digits, decimals), more(digits.length)].filter((part) => part !== '').join(' ');
  const any = write((digits) => further(decimals, digits, '[0-9]'));
  const beyond = write((digits) => further(decimals, digits, '[1-9]'));
  const exact = write(() => '');
  const start = from.isExclusive && first < last ? within(first, first).map(beyond) : [];
  const middle = within(from.isExclusive ? first + 1n : first, last - 1n).map(any);
  const isOpen = high === undefined || high.isExclusive || (from.isExclusive && first === last);
  return [...start, ...middle, ...(isOpen ? [] : within(last, last).map(exact))];
}

/** Digits after those that are compared; ended by `[1-9]` they are not zero. */
function further(decimals: number, digits: number, last: '[0-9]' | '[1-9]'): string {
  const room = Math.max(1, EXACT_DIGITS - digits);
  if (last === '[1-9]') return `${decimals === 0 ? '"." ' : ''}[0-9]{0,${room - 1}} [1-9]`;
  return decimals === 0 ? `("." [0-9]{1,${room}})?` : `[0-9]{0,${room}}`;
}

function pointed(digits: readonly string[], decimals: number): readonly string[] {
  return decimals === 0 ? digits : [...digits.slice(0, -decimals), '"."', ...digits.slice(-decimals)];
}

/** Digits after the point. */
function decimalsOf(value: number): number {
  return /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
}

function scaled(value: number, decimals: number): bigint {
  return BigInt(value.toFixed(decimals).replace('.', ''));
}

/** Lists of character classes, one for each digit; shorter numbers begin with zeros up to `leastDigits`. */
function digitsBetween(low: bigint, high: bigint, leastDigits: number): string[][] {
  if (low > high) return [];
  const from = low.toString().padStart(leastDigits, '0');
  const to = high.toString().padStart(leastDigits, '0');
  if (from.length === to.length) return sameLength(from, to);
  const longer = `1${'0'.repeat(from.length)}`;
  return [...sameLength(from, '9'.repeat(from.length)), ...digitsBetween(BigInt(longer), high, leastDigits)];
}

function sameLength(low: string, high: string): string[][] {
  if (low === '') return [[]];
  const [a, b] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  const [zeros, nines] = ['0'.repeat(lowRest.length), '9'.repeat(lowRest.length)];
  if (a === b) return sameLength(lowRest, highRest).map((rest) => [`[${a}]`, ...rest]);
  const isFullBelow = lowRest === zeros;
  const isFullAbove = highRest === nines;
  const [first, last] = [isFullBelow ? a : a + 1, isFullAbove ? b : b - 1];
  return [
    ...(isFullBelow ? [] : sameLength(lowRest, nines).map((rest) => [`[${a}]`, ...rest])),
    ...(first > last ? [] : [[`[${first}-${last}]`, ...[...lowRest].map(() => '[0-9]')]]),
    ...(isFullAbove ? [] : sameLength(zeros, highRest).map((rest) => [`[${b}]`, ...rest])),
  ];
}
