import type { TextDocument } from '@xnai/contracts';
import PostalMime, { decodeWords } from 'postal-mime';
import { readHtml } from '../html/read-html.ts';
import { type DocumentPart, joinDocuments } from '../join-documents.ts';
import type { LossRule } from '../loss-rule.ts';
import { readPlainText } from '../read-plain-text.ts';
import { DocumentWriter } from '../writer.ts';
import { decodeBody, type MimePart, openPart, partsOf } from './mime-part.ts';

/** Real mail nests some five parts; forwarded messages within each other add two each. */
const MAX_DEPTH = 30;
/** Each part takes its time, however short it is; a message with many pictures has some hundred. */
const MAX_PARTS = 1_000;
const HEADERS = ['From', 'To', 'Cc', 'Date', 'Subject'];

/**
 * Reads a mail message (RFC 5322): its headers as metadata, then its parts. Of parts that say the same in several ways
 * the richest is read; attachments are named.
 */
export async function readMail(bytes: Uint8Array): Promise<TextDocument> {
  const message = openPart(toBuffer(bytes));
  const subject = header(message, 'Subject');
  const parts = await readMessage(message, { depth: 0, hasHeading: false, left: { parts: MAX_PARTS } });
  return joinDocuments(parts, subject === '' ? {} : { title: subject });
}

/** Reads a mailbox (RFC 4155): each message is a page below a heading with its subject. */
export async function readMbox(bytes: Uint8Array): Promise<TextDocument> {
  const parts: DocumentPart[] = [];
  const messages = splitMbox(toBuffer(bytes));
  for (const [index, message] of messages.entries()) {
    const read = await readMessage(openPart(message), {
      depth: 0,
      hasHeading: true,
      left: { parts: MAX_PARTS },
    });
    parts.push(...read.map((part) => ({ ...part, page: index + 1 })));
  }
  return joinDocuments(parts, { pages: { unit: 'part' } });
}

/** A line "From …" behind a blank line begins a message; one in the text of a message has `>` before it. */
function splitMbox(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1');
  const starts = Array.from(
    text.matchAll(/(?:^|\n\r?\n)From [^\n]*\n/g),
    (match) => [match.index, match.index + match[0].length] as const,
  );
  return starts.map(([, start], index) => {
    const message = text.slice(start, starts[index + 1]?.[0] ?? text.length);
    return Buffer.from(message.replace(/^>(>*From )/gm, '$1'), 'latin1');
  });
}

interface Context {
  readonly depth: number;
  readonly hasHeading: boolean;
  /** How many more parts of the message are read. */
  readonly left: { parts: number };
}

async function readMessage(message: MimePart, context: Context): Promise<DocumentPart[]> {
  const writer = new DocumentWriter({ inline: 'none' });
  if (context.hasHeading) writer.heading(1, header(message, 'Subject') || 'Message');
  for (const name of HEADERS) writer.metadata(name, header(message, name));
  return [{ document: writer.end() }, ...(await readPart(message, context))];
}

async function readPart(part: MimePart, context: Context): Promise<DocumentPart[]> {
  const { depth, left } = context;
  if (depth > MAX_DEPTH) return [lost('too-deep', part)];
  if (left.parts === 0) return [lost('too-many-parts', part)];
  left.parts -= 1;
  if (part.type === 'message/rfc822') {
    return readMessage(openPart(part.body), { depth: depth + 1, hasHeading: true, left });
  }
  if (!part.type.startsWith('multipart/')) return [await readLeaf(part)];
  const children = part.type === 'multipart/alternative' ? richest(partsOf(part)) : partsOf(part);
  const read: DocumentPart[] = [];
  for (const child of children) read.push(...(await readPart(child, { ...context, depth: depth + 1 })));
  return read;
}

/** Alternatives stand in the order of their richness (RFC 2046, 5.1.4); other types than these are not read. */
function richest(parts: readonly MimePart[]): MimePart[] {
  const readable = parts.filter(({ type }) => /^(text\/(html|plain)|multipart\/)/.test(type));
  return (readable.length > 0 ? readable : parts).slice(-1);
}

/** The library decodes transfer encodings, charsets and flowed lines of one part at a time: it adds up several. */
async function readLeaf(part: MimePart): Promise<DocumentPart> {
  const { text, html, attachments } = await PostalMime.parse(part.bytes, { forceRfc822Attachments: true });
  const [attachment] = attachments;
  if (attachment !== undefined) {
    const writer = new DocumentWriter({ inline: 'none' });
    writer.metadata('Attachment', `${attachment.filename ?? 'without a name'} (${attachment.mimeType})`);
    return { document: writer.end(), goesOn: true };
  }
  return {
    document: part.type === 'text/html' ? readHtml(html ?? '').document : readPlainText(text ?? ''),
    goesOn: true,
  };
}

function lost(rule: LossRule, part: MimePart): DocumentPart {
  const writer = new DocumentWriter({ inline: 'none' });
  writer.lose(rule, decodeBody(part).length);
  return { document: writer.end() };
}

function header({ headers }: MimePart, name: string): string {
  return decodeWords(headers.get(name.toLowerCase()) ?? '').trim();
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
