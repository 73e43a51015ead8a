import { analyse } from 'chardet';
import { decodeStrictly, isMultiByte, toEncoding } from './labels.ts';

/** The charsets that pages in a language are written in, the most common one first. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  ja: ['shift_jis', 'euc-jp'],
  ko: ['euc-kr'],
  zh: ['gb18030', 'big5'],
  'zh-tw': ['big5'],
  'zh-hk': ['big5'],
  ru: ['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866'],
  uk: ['windows-1251', 'koi8-u'],
  be: ['windows-1251'],
  bg: ['windows-1251'],
  sr: ['windows-1251', 'windows-1250'],
  mk: ['windows-1251'],
  el: ['iso-8859-7'],
  tr: ['windows-1254'],
  he: ['windows-1255'],
  ar: ['windows-1256'],
  fa: ['windows-1256'],
  th: ['windows-874'],
  vi: ['windows-1258'],
  pl: ['iso-8859-2', 'windows-1250'],
  cs: ['windows-1250', 'iso-8859-2'],
  sk: ['windows-1250', 'iso-8859-2'],
  hu: ['iso-8859-2', 'windows-1250'],
  sl: ['windows-1250', 'iso-8859-2'],
  hr: ['windows-1250', 'iso-8859-2'],
  ro: ['iso-8859-2', 'windows-1250'],
  lt: ['windows-1257'],
  lv: ['windows-1257'],
  et: ['windows-1257'],
};

/** With fewer bytes beyond ASCII than this, the language of the page says more than their statistics. */
const FEW_BYTES = 100;
/** What statistics are made of; more would not change them. */
const MAX_SAMPLE_BYTES = 256 * 1024;
/** Below these the detector's confidence is that of any text; measured on sentences in 21 charsets. */
const LEAST_MULTI_BYTE = 40;
const LEAST_LATIN = 35;

const LATIN = /^(?:windows-125[02478]|iso-8859-(?:1|2|3|4|9|1[03456])|macintosh)$/;

/** The charset that the text between the tags seems to be written in; windows-1252 where nothing speaks against it. */
export function guessCharset(body: Uint8Array, language: string | undefined): string {
  const sample = textBytes(body.subarray(0, MAX_SAMPLE_BYTES));
  const { high, inRuns } = countHighBytes(sample);
  const fits = (encoding: string) => decodeStrictly(body, encoding) !== undefined;
  const usual = USUAL[language ?? ''] ?? USUAL[language?.split('-')[0] ?? ''];
  const guesses = guessesFor(sample);
  if (usual !== undefined && high < FEW_BYTES) {
    const likely = [...guesses.map(({ name }) => name).filter((name) => usual.includes(name)), ...usual];
    return likely.find(fits) ?? 'windows-1252';
  }
  // Letters of Latin scripts stand alone between ASCII, those of others side by side.
  const isLatin = inRuns < high / 2;
  const isLikely = ({ name, confidence }: Guess) =>
    isLatin ? LATIN.test(name) && confidence >= LEAST_LATIN : !LATIN.test(name) && fits(name);
  return guesses.find(isLikely)?.name ?? 'windows-1252';
}

interface Guess {
  readonly name: string;
  readonly confidence: number;
}

function guessesFor(sample: Uint8Array): readonly Guess[] {
  return analyse(sample).flatMap(({ name: label, confidence }) => {
    const name = toEncoding(label);
    const isNoise = name === undefined || (isMultiByte(name) && confidence < LEAST_MULTI_BYTE);
    return isNoise || name === 'utf-8' ? [] : [{ name, confidence }];
  });
}

/** Without scripts, styles, comments and tags, whose ASCII would hide the text. */
function textBytes(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  return Buffer.from(text.replace(/<(script|style)\b[^<]*(?:<(?!\/\1)[^<]*)*|<[^<>]*>/gi, ' '), 'latin1');
}

/** How many bytes are beyond ASCII, and how many of those stand in threes at least. */
function countHighBytes(sample: Uint8Array): { readonly high: number; readonly inRuns: number } {
  let [high, inRuns, run] = [0, 0, 0];
  for (const byte of sample) {
    run = byte >= 0x80 ? run + 1 : 0;
    if (run > 0) high += 1;
    if (run === 3) inRuns += 3;
    else if (run > 3) inRuns += 1;
  }
  return { high, inRuns };
}
