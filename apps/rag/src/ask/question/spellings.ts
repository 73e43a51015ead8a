import { numberInWords, ordinalInWords, romanNumeral } from './spelled-numbers.ts';

/** Scripts whose words have spaces between them: only there a letter beside a name makes it another one. */
const LETTER = String.raw`[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]`;
/** Before a name: no letter or digit, but a "v" before a version, and no part of a longer number. */
const BEFORE = String.raw`(?<![\p{N}_]|\d[.,])(?<!(?![vV])${LETTER})`;
const AFTER = String.raw`(?!${LETTER}|[\p{N}_])`;
const GAP = String.raw`[\s_-]?`;
/** Units, directly behind their number: "30m", "20MB". */
const UNIT = String.raw`(?:\p{Ll}{1,3}|[kKMGT]i?[bB]|[kMG]?(?:Hz|[WVA]))(?!${LETTER})`;

/**
 * An option as it may be written: `--no-x` as `--[no-]x` too, and a single letter among others (`-la`). The case of a
 * single letter counts.
 */
export function optionSpelling(option: string): RegExp {
  const name = option.replace(/^-+/, '');
  if (!option.startsWith('--') && name.length === 1) {
    return new RegExp(String.raw`(?<![\p{L}\p{N}_-])-\p{L}*${name}\p{L}*(?![\p{N}_-])`, 'u');
  }
  const stem = escaped(name.replace(/^no-/, ''));
  const prefix = name.startsWith('no-') ? String.raw`(?:no-|\[no-\])` : String.raw`(?:\[no-\])?`;
  return new RegExp(
    `(?<![\\p{L}\\p{N}_-])${option.startsWith('--') ? '--' : '-'}${prefix}${stem}(?![\\p{L}\\p{N}_]|-[\\p{L}\\p{N}])`,
    'iu',
  );
}

export interface NumberPlace {
  /** The word that may be glued to it: "ISO" of "ISO 27001". */
  readonly label?: string | undefined;
  /** It may be the beginning of a version: 18 of 18.2. */
  readonly mayGoOn?: boolean;
}

/** A number with any separators of thousands, a decimal comma or point, spelled out, or directly before its unit. */
export function numberSpelling(number: string, { label, mayGoOn = false }: NumberPlace = {}): RegExp {
  const [whole = '', ...rest] = number.split(/[.,'’_\s]/u);
  const isGrouped = rest.length > 0 && rest.every((group) => group.length === 3);
  const digits =
    isGrouped || rest.length === 0
      ? grouped([whole, ...rest].join(''))
      : `${grouped(whole)}[.,]${rest.join('[.,]')}0*`;
  const words = rest.length === 0 ? numberInWords(Number(whole)) : undefined;
  const end = String.raw`(?:[.,]0+)?(?!\p{N}|${mayGoOn ? ',' : '[.,]'}\d)(?:(?!${LETTER}|_)|(?=${UNIT}))`;
  const before = label === undefined ? BEFORE : `(?:${BEFORE}|(?<=${escaped(label)}))`;
  return new RegExp(
    `${before}(?:${digits}${end}${words === undefined ? '' : `|${spaced(words)}${AFTER}`})`,
    'iu',
  );
}

/** "27th" as "27", "twenty-seventh" and "XXVII". */
export function ordinalSpelling(value: number): RegExp {
  const numeral = romanNumeral(value);
  const words = ordinalInWords(value);
  const others = [words === undefined ? undefined : spaced(words), numeral.length > 1 ? numeral : undefined];
  const digits = `${value}(?:st|nd|rd|th|er?|[èe]me|[.ºª])?`;
  return new RegExp(
    `${BEFORE}(?:${[digits, ...others.filter((other) => other !== undefined)].join('|')})${AFTER}`,
    'iu',
  );
}

/** Any year of the 1950s, or of the 1700s. */
export function decadeSpelling(digits: string): RegExp {
  const years = digits.endsWith('00')
    ? String.raw`${digits.slice(0, 2)}\d\d`
    : String.raw`${digits.slice(0, 3)}\d`;
  return new RegExp(String.raw`${BEFORE}${years}(?!\p{N})`, 'iu');
}

/** The word whose number is asked for, or the beginning of a longer one. */
export function ownerSpelling(owner: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped(owner)}`, 'iu');
}

/** A version, an address or a date of digits: every sign counts. */
export function versionSpelling(version: string): RegExp {
  return new RegExp(String.raw`${BEFORE}${escaped(version)}(?!\p{N}|\.\d{3,})${AFTER}`, 'iu');
}

/** A code of letters and digits, or a name in code, with or without the signs between its parts: `ISO27001`, `ISO 27001`. */
export function nameSpelling(name: string): RegExp {
  // A name without an underscore may be part of one with: HTTP2 of `enable_http2`.
  const isPart = !name.includes('_');
  const before = isPart ? BEFORE.replace('_', '') : BEFORE;
  const after = isPart ? AFTER.replace('_', '') : AFTER;
  const parts = name.match(/\p{N}+|\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|[^\p{L}\p{N}]+|\p{L}\p{M}*/gu) ?? [name];
  const body = parts.reduce(
    (pattern, part, at) => pattern + joint(parts[at - 1], part) + partSpelling(parts, at),
    '',
  );
  const isUnit = /^\d+\p{Ll}$/u.test(name);
  const end = isUnit
    ? String.raw`(?:${after}|(?<=\s\p{L})\p{L}*)`
    : /[\p{L}\p{N}_]$/u.test(name)
      ? after
      : '';
  return new RegExp(`${/^[\p{L}\p{N}_]/u.test(name) ? before : ''}${body}${end}`, 'iu');
}

/** Between two parts that no sign divides; before its number a code may have another word: "ISO/IEC 27001". */
function joint(before: string | undefined, part: string): string {
  if (before === undefined || !/[\p{L}\p{N}]$/u.test(before) || !/^[\p{L}\p{N}]/u.test(part)) return '';
  return /\p{L}{2}$/u.test(before) && /^\p{N}{2}/u.test(part) ? String.raw`(?:[ /]\p{L}+)?${GAP}` : GAP;
}

function partSpelling(parts: readonly string[], at: number): string {
  const part = parts[at] ?? '';
  const isBetweenWords = at > 0 && at < parts.length - 1 && /^[-_]$/.test(part);
  return isBetweenWords ? GAP : escaped(part);
}

/** With a separator before any group of three digits, or of two as in India. */
function grouped(digits: string): string {
  return [...digits]
    .map((digit, at) => (at > 0 && digits.length - at >= 3 ? String.raw`[.,'’_\s]?` : '') + digit)
    .join('');
}

function spaced(words: string): string {
  return words.replace('-', '[-\\s]?');
}

function escaped(text: string): string {
  return RegExp.escape(text);
}
