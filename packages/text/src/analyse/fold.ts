const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ß: 'ss',
    œ: 'oe',
    æ: 'ae',
    ø: 'o',
    ł: 'l',
    đ: 'd',
    ð: 'd',
    ħ: 'h',
    þ: 'th',
    ı: 'i',
    ς: 'σ',
  }).concat(
    Object.entries({ أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه', ؤ: 'و', ئ: 'ي' }),
  ),
);
const SPECIAL = new RegExp(`[${[...LETTERS.keys()].join('')}]`, 'gu');
/** Soft hyphens, joiners and bidi marks; tatweel; Hebrew geresh and gershayim. */
const INVISIBLE = /[\p{Cf}\u0640\u05F3\u05F4]/gu;
/** The first digit of each script that writes numbers with its own. */
const ZEROS = '٠۰०০੦૦୦௦౦೦൦๐໐༠၀០'.split('').map((zero) => zero.charCodeAt(0));
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
/** Vowel signs of Indic scripts and of Thai make words; accents and points of these scripts do not tell words apart. */
const MARKED = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{sc=Hebrew}]/u;
const MARKS = /\p{M}+/gu;

/**
 * The form in which words are compared: compatibility forms, case and accents are gone, and what is not seen. The
 * length may change.
 */
export function fold(raw: string): string {
  if (/^[a-z0-9]*$/.test(raw)) return raw;
  const lower = raw.normalize('NFKC').toLowerCase();
  if (/^[a-z0-9]*$/.test(lower)) return lower;
  const seen = lower.replace(INVISIBLE, '');
  // й is a letter of its own, which endings of Russian words need.
  const plain = MARKED.test(seen)
    ? seen.normalize('NFKD').replaceAll('и\u0306', 'й').replace(MARKS, '')
    : seen;
  return plain.replace(SPECIAL, (letter) => LETTERS.get(letter) ?? letter).replace(OTHER_DIGIT, digitOf);
}

function digitOf(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? digit : String(code - zero);
}
