import type { TextDocument } from '@xnai/contracts';
import { openZip, type Zip } from '../container/open-zip.ts';
import { decodeText, isGarbled } from '../decode-text.ts';
import { ReadError } from '../read-error.ts';
import { chooseKind, extensionOf, type FileNames } from './choose-kind.ts';
import { type FileKind, languageOf } from './file-types.ts';
import { sniff } from './sniff.ts';

export type { FileNames };

/** One file, decoded or opened when a reader asks for it. */
interface OpenFile {
  readonly bytes: Uint8Array;
  readonly names: FileNames;
  text(): string;
  zip(): Zip;
}

/** Readers are loaded when they are needed: that of PDF alone takes longer than most files. */
const READERS: Readonly<Record<FileKind, (file: OpenFile) => Promise<TextDocument>>> = {
  html: async (file) =>
    (await import('../html/read-html.ts')).readHtml(file.text(), addressOf(file)).document,
  docx: async (file) => (await import('../office/docx/read-docx.ts')).readDocx(file.zip()),
  xlsx: async (file) => (await import('../office/xlsx/read-xlsx.ts')).readXlsx(file.zip()),
  pptx: async (file) => (await import('../office/pptx/read-pptx.ts')).readPptx(file.zip()),
  pdf: async (file) => (await import('../pdf/read-pdf.ts')).readPdf(file.bytes),
  markdown: async (file) => (await import('../markdown/read-markdown.ts')).readMarkdown(file.text()),
  plain: async (file) => (await import('../read-plain-text.ts')).readPlainText(file.text()),
  odf: async (file) => {
    const { readHtml } = await import('../html/read-html.ts');
    const { readOdf } = await import('../office/odf/read-odf.ts');
    return readOdf(file.zip(), (mathMl) => readHtml(mathMl).document.text);
  },
  epub: async (file) => (await import('../epub/read-epub.ts')).readEpub(file.zip()),
  mail: async (file) => (await import('../mail/read-mail.ts')).readMail(file.bytes),
  mbox: async (file) => (await import('../mail/read-mail.ts')).readMbox(file.bytes),
  rst: async (file) => (await import('../rst/read-rst.ts')).readRst(file.text()),
  csv: async (file) => (await import('../records/read-csv.ts')).readCsv(file.text()),
  tsv: async (file) => (await import('../records/read-csv.ts')).readCsv(file.text(), '\t'),
  json: async (file) => (await import('../records/read-json.ts')).readJson(file.text()),
  ndjson: async (file) => (await import('../records/read-json.ts')).readJsonLines(file.text()),
  source: async (file) =>
    (await import('../records/read-source.ts')).readSource(file.text(), languageOf(extensionOf(file.names))),
};
/** How far into a file NUL is looked for, which no text holds. */
const TEXT_CHECK_BYTES = 8192;

/**
 * Reads a file of any type in `FILE_TYPES` into its text and blocks.
 *
 * @throws {ReadError} BODY_EMPTY when the file holds no text
 * @throws {ReadError} UNSUPPORTED_MEDIA_TYPE when files of its type are not read; the message names the type
 * @throws {ReadError} DOCUMENT_CHARSET when more than 1 % of its text cannot be decoded
 * @throws {ReadError} DOCUMENT_ENCRYPTED when it is protected by a password
 * @throws {ReadError} DOCUMENT_SCANNED when it is a PDF of pictures
 * @throws {ReadError} DOCUMENT_DAMAGED when it is cut off, or not what its name says
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or is nested too deep
 * @throws {ReadError} DOCUMENT_NOT_READABLE when it breaks the rules of its format
 */
export async function readFile(bytes: Uint8Array, names: FileNames = {}): Promise<TextDocument> {
  if (bytes.length === 0) throw new ReadError('BODY_EMPTY');
  const sniffed = sniff(bytes);
  const kind = chooseKind(sniffed, names, isBinary(bytes));
  const document = await read(kind, {
    bytes,
    names,
    text: () => textOf(bytes, names),
    zip: () => (sniffed !== undefined && 'zip' in sniffed ? sniffed.zip : undefined) ?? openZip(bytes),
  });
  if (document.blocks.length === 0) throw new ReadError('BODY_EMPTY', { detail: 'The file holds no text' });
  return document;
}

function textOf(bytes: Uint8Array, { mediaType = '' }: FileNames): string {
  const text = decodeText(bytes, /charset\s*=\s*["']?([^"';\s]+)/i.exec(mediaType)?.[1]);
  if (isGarbled(text))
    throw new ReadError('DOCUMENT_CHARSET', { detail: 'The bytes are no text in any charset' });
  return text;
}

function addressOf({ names: { url } }: OpenFile): { url?: string } {
  return url === undefined ? {} : { url };
}

async function read(kind: FileKind, file: OpenFile): Promise<TextDocument> {
  try {
    return await READERS[kind](file);
  } catch (cause) {
    if (cause instanceof ReadError) throw cause;
    throw new ReadError('DOCUMENT_NOT_READABLE', { cause });
  }
}

function isBinary(bytes: Uint8Array): boolean {
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !hasMark && bytes.subarray(0, TEXT_CHECK_BYTES).includes(0);
}
