import { declaredCharset } from './charset/declared-charset.ts';
import { guessCharset } from './charset/guess-charset.ts';
import { decode, decodeStrictly, isMultiByte, toEncoding } from './charset/labels.ts';

/**
 * Text of a body whose charset may be declared wrongly, twice, or not at all. Order: byte order mark; UTF-8 when the
 * bytes are valid UTF-8 and no other multi-byte charset is declared first; the header; what the page itself declares;
 * what its bytes look like, with its language; windows-1252. Never fails: bytes that no charset explains become U+FFFD,
 * and `isGarbled` says when they are too many.
 */
export function decodeText(body: Uint8Array, declared?: string): string {
  const mark = byteOrderMark(body);
  if (mark !== undefined) return decode(body, mark);
  const page = declaredCharset(body);
  const names = [fromHeader(body, declared), fromPage(page.charset)].filter((name) => name !== undefined);
  const [first] = names;
  const utf8 = decodeStrictly(body, 'utf-8');
  const isDoubtful = utf8 === undefined || countBeyondAscii(utf8) < CERTAIN_UTF8;
  const multiByte =
    isDoubtful && first !== undefined && isMultiByte(first) ? decodeStrictly(body, first) : undefined;
  if (multiByte !== undefined) return multiByte;
  if (utf8 !== undefined) return withEscapes(body, utf8);
  const legacy = names.find((name) => name !== 'utf-8');
  if (legacy !== undefined) return decode(body, legacy);
  return decodeBrokenUtf8(body) ?? decode(body, guessCharset(body, page.language));
}

/**
 * Text with more characters beyond ASCII than this is valid UTF-8 by chance in one of 10^8 cases, if it is GBK, and pages
 * about charsets show declarations that are not their own.
 */
const CERTAIN_UTF8 = 10;

function countBeyondAscii(text: string): number {
  return text.match(/[\u0080-\uffff]/g)?.length ?? 0;
}

/** A text with a larger share of garbage was mostly lost, or it never was text. */
const MOST_GARBLED = 0.01;

/** Control characters of texts: NUL is judged where the bytes are; terminals use some, and records end with others. */
const TEXT_CONTROLS = new Set('\0\b\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f\x85');

/** Each byte means something in windows-1252, so bytes that are no text show by control characters alone. */
function isGarbage(code: number): boolean {
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  return code === 0xfffd || (isControl && !TEXT_CONTROLS.has(String.fromCharCode(code)));
}

/** Whether a text was decoded by a wrong charset, or from bytes that are no text. */
export function isGarbled(text: string): boolean {
  const most = text.length * MOST_GARBLED;
  let garbled = 0;
  for (let at = 0; at < text.length; at++) {
    if (isGarbage(text.charCodeAt(at)) && ++garbled > most) return true;
  }
  return false;
}

function byteOrderMark(body: Uint8Array): string | undefined {
  const [a, b, c] = body;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  // Without a mark, the first sign of a page or of an XML document gives UTF-16 away.
  if (a === 0 && b === 0x3c && c === 0) return 'utf-16be';
  return a === 0x3c && b === 0 && c !== 0 ? 'utf-16le' : undefined;
}

/** UTF-16 has NUL between the letters of markup; bytes without any are not written in it. */
function fromHeader(body: Uint8Array, label: string | undefined): string | undefined {
  const encoding = toEncoding(label);
  return encoding?.startsWith('utf-16') && !body.includes(0) ? undefined : encoding;
}

/** A declaration that can be read as ASCII is not written in UTF-16: it means UTF-8 (HTML standard, 13.2.3.2). */
function fromPage(label: string | undefined): string | undefined {
  const encoding = toEncoding(label);
  return encoding?.startsWith('utf-16') ? 'utf-8' : encoding === 'x-user-defined' ? 'windows-1252' : encoding;
}

/** ISO-2022-JP is written in ASCII: escapes begin its other letters. */
function withEscapes(body: Uint8Array, ascii: string): string {
  return ascii.includes('\u001b$') ? (decodeStrictly(body, 'iso-2022-jp') ?? ascii) : ascii;
}

/** A few bad bytes among good UTF-8 are damage; without good sequences it never was UTF-8. */
function decodeBrokenUtf8(body: Uint8Array): string | undefined {
  const text = decode(body, 'utf-8');
  const good = text.match(/[\u0080-\ufffc\u{10000}-\u{10ffff}]/gu)?.length ?? 0;
  const bad = text.match(/\ufffd/g)?.length ?? 0;
  return good > bad ? text : undefined;
}
