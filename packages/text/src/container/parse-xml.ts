import { Parser } from 'htmlparser2';
import { decode, toEncoding } from '../charset/labels.ts';
import { ReadError } from '../read-error.ts';

/** Office files nest some 30 elements deep; closing very deep ones takes the parser quadratic time. */
const MAX_DEPTH = 500;
/** Of one part in memory at a time, some 300 MB. A book of 1,000 pages has 300,000. */
const MAX_ELEMENTS = 1_000_000;

/** An element. Prefixes are left out of `name`: which one stands for a namespace is up to each writer of files. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (XmlElement | string)[];
}

/** Called with each child element of the elements of one name; the child is not kept in the tree. */
export interface XmlStream {
  readonly of: string;
  each(child: XmlElement, root: XmlElement): void;
}

/**
 * The root element of an XML document, or an element without a name where there is none. Entities that the document
 * declares itself stay as they are written, so that none can grow. `stream` keeps a part of any length out of memory.
 *
 * @throws {ReadError} DOCUMENT_TOO_LARGE when elements are nested too deep or there are too many
 */
export function parseXml(bytes: Uint8Array, stream?: XmlStream): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [root];
  let elements = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        elements++;
        if (open.length > MAX_DEPTH || elements > MAX_ELEMENTS) {
          throw new ReadError('DOCUMENT_TOO_LARGE', { detail: 'The XML of the file has too many elements' });
        }
        const element = { name: localName(name), attributes, children: [] };
        open.at(-1)?.children.push(element);
        open.push(element);
      },
      ontext(text) {
        const { children } = open.at(-1) ?? root;
        const last = children.length - 1;
        if (typeof children[last] === 'string') children[last] += text;
        else children.push(text);
      },
      onclosetag() {
        const element = open.pop();
        const parent = open.at(-1);
        if (element === undefined || stream === undefined || parent?.name !== stream.of) return;
        parent.children.length = 0;
        elements = open.length;
        stream.each(element, root);
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(decodeXml(bytes));
  return root.children.find((child) => typeof child !== 'string') ?? root;
}

/** XML states its charset by its first bytes or in its first line (XML 1.0, appendix F). */
function decodeXml(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const stated = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)/.exec(head)?.[1];
  const mark = head.startsWith('\xff\xfe')
    ? 'utf-16le'
    : head.startsWith('\xfe\xff')
      ? 'utf-16be'
      : undefined;
  return decode(bytes, mark ?? toEncoding(stated) ?? 'utf-8');
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The value of an attribute by its local name, with or without a prefix. */
export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  if (element === undefined) return undefined;
  const { attributes } = element;
  if (name in attributes) return attributes[name];
  for (const key in attributes) if (localName(key) === name) return attributes[key];
  return undefined;
}

/** Child elements, of one name where it is given. */
export function elements(parent: XmlElement | undefined, name?: string): XmlElement[] {
  return (parent?.children ?? []).filter(
    (child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name),
  );
}

/** The first element at a path of child names. */
export function find(parent: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => elements(at, name)[0], parent);
}

/** All elements of some names below, in document order; not those within another one of these names. */
export function descendants(parent: XmlElement, ...names: string[]): XmlElement[] {
  return elements(parent).flatMap((child) =>
    names.includes(child.name) ? [child] : descendants(child, ...names),
  );
}

/** All text below an element. */
export function textOf(element: XmlElement | undefined): string {
  return (element?.children ?? [])
    .map((child) => (typeof child === 'string' ? child : textOf(child)))
    .join('');
}
