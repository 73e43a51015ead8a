/** How far into a page its own statement of the charset is looked for (HTML standard: 1,024 bytes). */
const PRESCAN_BYTES = 1024;
const META_CHARSET = /<meta[^>]+charset\s*=\s*["']?\s*([^"'\s/>;]+)/i;
const XML_ENCODING = /^\s*<\?xml[^>]+encoding\s*=\s*["']([^"']+)/i;

/**
 * Text of a body whose charset may be declared wrongly, twice, or not at all. Order: byte order mark; UTF-8 when the
 * bytes are valid UTF-8 and no other multi-byte charset is declared first; the header; the page's own `<meta>`;
 * windows-1252. Never fails: bytes that no charset explains become U+FFFD.
 */
export function decodeText(body: Uint8Array, declared?: string): string {
  const mark = byteOrderMark(body);
  if (mark !== undefined) return decode(body, mark) ?? '';
  const names = [declared, sniff(body)].map(toEncoding).filter((name) => name !== undefined);
  const [first] = names;
  if (first === undefined || !isMultiByte(first)) {
    const utf8 = decode(body, 'utf-8', true);
    if (utf8 !== undefined) return utf8;
  }
  const legacy = names.find((name) => name !== 'utf-8');
  if (legacy !== undefined) return decode(body, legacy) ?? '';
  return decodeBrokenUtf8(body);
}

function byteOrderMark(body: Uint8Array): string | undefined {
  const [a, b, c] = body;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return undefined;
}

function sniff(body: Uint8Array): string | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, PRESCAN_BYTES)).toString(
    'latin1',
  );
  return (META_CHARSET.exec(head) ?? XML_ENCODING.exec(head))?.[1];
}

/** The charset's name as the encoding standard has it; undefined for an unknown label. */
function toEncoding(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Bytes of these can look like UTF-8 by chance, or are ASCII with escapes; single-byte ones practically cannot. */
function isMultiByte(encoding: string): boolean {
  return /^(gb|big5|euc|shift|iso-2022|utf-16)/.test(encoding);
}

function decode(body: Uint8Array, encoding: string, fatal = false): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal }).decode(body);
  } catch {
    return undefined;
  }
}

/** One bad byte among good UTF-8 is damage; no good sequence at all means that it never was UTF-8. */
function decodeBrokenUtf8(body: Uint8Array): string {
  const text = decode(body, 'utf-8') ?? '';
  const hasUtf8 = /[\u0080-\ufffc\u{10000}-\u{10ffff}]/u.test(text);
  return hasUtf8 ? text : (decode(body, 'windows-1252') ?? text);
}
