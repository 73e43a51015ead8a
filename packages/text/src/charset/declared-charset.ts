/** How much of a page is searched; heads with long scripts before the declaration exist. */
const MAX_HEAD_BYTES = 1024 * 1024;
const MAX_TAG_CHARS = 4000;

export interface Declared {
  /** The label that the page gives its charset. */
  readonly charset: string | undefined;
  /** The `lang` of its `<html>`, in lower case: "ja", "zh-tw". */
  readonly language: string | undefined;
}

/**
 * What the head of a page, or the first line of an XML document, says of its charset and language. Comments, scripts and
 * styles are skipped, and the whole head is read: the HTML standard asks for 1,024 bytes at least.
 */
export function declaredCharset(body: Uint8Array): Declared {
  const bytes = Math.min(body.length, MAX_HEAD_BYTES);
  const head = Buffer.from(body.buffer, body.byteOffset, bytes).toString('latin1');
  const xml = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"'>]{1,60})/i.exec(head)?.[1];
  let language: string | undefined;
  for (const tag of headTags(head)) {
    const attributes = attributesOf(tag);
    if (/^<html/i.test(tag)) language = attributes.get('lang')?.toLowerCase();
    else {
      const charset = charsetOf(attributes);
      if (charset !== undefined) return { charset: xml ?? charset, language };
    }
  }
  return { charset: xml, language };
}

const STOPS = /<!--|<(script|style|title|noscript|textarea)\b|<(?:html|meta)(?=[\s/])|<\/head|<body\b/gi;

/** The tags `<html>` and `<meta>` before the end of the head. */
function* headTags(head: string): Generator<string> {
  STOPS.lastIndex = 0;
  for (let stop = STOPS.exec(head); stop !== null; stop = STOPS.exec(head)) {
    const [mark, skipped] = stop;
    if (/^<(?:\/head|body)/i.test(mark)) return;
    const isTag = mark !== '<!--' && skipped === undefined;
    const end = mark === '<!--' ? head.indexOf('-->', stop.index) : endOf(head, skipped, stop.index);
    if (end === -1) return;
    if (isTag && end - stop.index < MAX_TAG_CHARS) yield head.slice(stop.index, end);
    STOPS.lastIndex = end;
  }
}

/** Behind the tag, or behind an element that holds no tags; -1 where it does not end. */
function endOf(head: string, element: string | undefined, start: number): number {
  const end = head.indexOf('>', start);
  if (element === undefined || end === -1) return end;
  const closing = new RegExp(`</${element}`, 'gi');
  closing.lastIndex = end;
  return closing.exec(head)?.index ?? -1;
}

const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

function attributesOf(tag: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of tag.slice(1).matchAll(ATTRIBUTE)) {
    if (!attributes.has(name.toLowerCase()))
      attributes.set(name.toLowerCase(), double ?? single ?? bare ?? '');
  }
  return attributes;
}

/** Of a `<meta>`. */
function charsetOf(attributes: ReadonlyMap<string, string>): string | undefined {
  const charset = attributes.get('charset')?.trim();
  if (charset) return charset;
  if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'content-type') return undefined;
  return /charset\s*=\s*["']?\s*([^\s;"']+)/i.exec(attributes.get('content') ?? '')?.[1];
}
