import { decode, toEncoding } from '../charset/labels.ts';

/** A part of a message: its own bytes, cut out but not decoded. */
export interface MimePart {
  /** Header and body as they came. */
  readonly bytes: Buffer;
  readonly body: Buffer;
  /** Unfolded values by lower-case name; of several with one name the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** In lower case. */
  readonly type: string;
}

/** Cuts a message or a part of one into header and body (RFC 5322, RFC 2045). */
export function openPart(bytes: Buffer, defaultType = 'text/plain'): MimePart {
  const [end, start] = headerEnd(bytes);
  const lines = bytes
    .subarray(0, end)
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name))
      headers.set(name, Buffer.from(line.slice(colon + 1).trim(), 'latin1').toString());
  }
  const type = /^[^;\s]+/.exec(headers.get('content-type') ?? '')?.[0].toLowerCase() ?? defaultType;
  return { bytes, body: bytes.subarray(start), headers, type };
}

/** End of the header, and start of the body behind the blank line. */
function headerEnd(bytes: Buffer): [number, number] {
  if (bytes[0] === 0x0a) return [0, 1];
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return [0, 2];
  const [long, short] = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')];
  if (long !== -1 && (short === -1 || long < short)) return [long, long + 4];
  return short === -1 ? [bytes.length, bytes.length] : [short, short + 2];
}

/** The body of a part as text, at the cost of its bytes alone; parts within it stay as they are encoded. */
export function decodeBody({ body, headers }: MimePart): string {
  const charset = /charset\s*=\s*["']?([^"';\s]+)/i.exec(headers.get('content-type') ?? '')?.[1];
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  const letters = body.toString('latin1');
  const bytes =
    encoding === 'base64'
      ? Buffer.from(letters, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(unquote(letters), 'latin1')
        : body;
  return decode(bytes, toEncoding(charset) ?? 'utf-8');
}

/** RFC 2045, 6.7. */
function unquote(letters: string): string {
  return letters
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Parts of a multipart body (RFC 2046); one that is cut off ends with its last part. */
export function partsOf({ headers, body, type }: MimePart): MimePart[] {
  const [, quoted, bare] =
    /boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(headers.get('content-type') ?? '') ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined || boundary === '') return [];
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: MimePart[] = [];
  let start = -1;
  for (
    let at = nextDelimiter(body, delimiter, 0);
    at !== -1;
    at = nextDelimiter(body, delimiter, at + delimiter.length)
  ) {
    if (start !== -1) parts.push(openPart(body.subarray(start, at), defaultTypeIn(type)));
    const lineEnd = body.indexOf('\n', at);
    start = lineEnd === -1 ? body.length : lineEnd + 1;
    if (body.toString('latin1', at + delimiter.length, at + delimiter.length + 2) === '--') return parts;
  }
  if (start !== -1 && start < body.length) parts.push(openPart(body.subarray(start), defaultTypeIn(type)));
  return parts;
}

function defaultTypeIn(type: string): string {
  return type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
}

/** A delimiter stands alone in its line: a longer boundary may begin with the same letters. */
function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  for (let at = body.indexOf(delimiter, from); at !== -1; at = body.indexOf(delimiter, at + 1)) {
    const isLineStart = at === 0 || body[at - 1] === 0x0a;
    const rest = body.toString('latin1', at + delimiter.length, at + delimiter.length + 3);
    if (isLineStart && /^(--)?\s|^(--)?$/.test(rest)) return at;
  }
  return -1;
}
