import { ReadError } from '../read-error.ts';
import { extensionOfPath, FILE_TYPES, type FileKind, languageOf } from './file-types.ts';
import type { Sniffed } from './sniff.ts';

/** What is said about a file by those who hand it over. */
export interface FileNames {
  /** With its parameters, as in a Content-Type header. */
  readonly mediaType?: string | undefined;
  readonly fileName?: string | undefined;
  /** Its path stands in for a name of the file. */
  readonly url?: string | undefined;
}

const BY_MEDIA_TYPE = new Map(
  FILE_TYPES.flatMap(({ kind, mediaTypes }) => mediaTypes.map((type) => [type, kind])),
);
const BY_EXTENSION = new Map(
  FILE_TYPES.flatMap(({ kind, extensions }) => extensions.map((end) => [end, kind])),
);
/** Kinds that have a signature: a file without it is none of them. */
const SIGNED: ReadonlySet<FileKind> = new Set(['pdf', 'docx', 'xlsx', 'pptx', 'odf', 'epub']);
/** Media types of senders that do not know the type. */
const UNKNOWN_TYPE =
  /^(application\/(octet-stream|x-download|force-download|unknown)|binary\/octet-stream|unknown\/unknown|)$/;

/**
 * How a file is read: by what its content shows, then by its media type, then by the end of its name. Text that is
 * declared as plain stays plain, whatever it looks like.
 *
 * @throws {ReadError} UNSUPPORTED_MEDIA_TYPE when files of this type are not read
 * @throws {ReadError} DOCUMENT_DAMAGED when the content is not of the type that is stated
 */
export function chooseKind(sniffed: Sniffed, names: FileNames, isBinary: boolean): FileKind {
  if (sniffed !== undefined && 'refused' in sniffed) throw unsupported(`${sniffed.refused} is not read`);
  if (sniffed !== undefined && SIGNED.has(sniffed.kind)) return sniffed.kind;
  const stated = [kindOfMediaType(names), kindOfExtension(extensionOf(names))].filter(
    (kind) => kind !== undefined,
  );
  const isXhtml = /xml$/.test(bareType(names.mediaType));
  const hasText = stated.some((kind) => !SIGNED.has(kind));
  if (sniffed !== undefined && (isXhtml || !hasText)) return sniffed.kind;
  return textKind(stated, isBinary);
}

/** A kind of text among those that are stated: no signature says that the file is anything else. */
function textKind(stated: readonly FileKind[], isBinary: boolean): FileKind {
  if (isBinary && stated.length === 0) throw unsupported('A file of unknown binary content is not read');
  const text = stated.find((kind) => !SIGNED.has(kind));
  if (!isBinary && (text !== undefined || stated.length === 0)) return text ?? 'plain';
  const name = NAMES[stated[0] ?? 'plain'] ?? 'text';
  throw new ReadError('DOCUMENT_DAMAGED', { detail: `The content of the file is not ${name}` });
}

const NAMES: Readonly<Partial<Record<FileKind, string>>> = {
  pdf: 'a PDF',
  docx: 'a Word document',
  xlsx: 'an Excel workbook',
  pptx: 'a PowerPoint presentation',
  odf: 'an OpenDocument file',
  epub: 'an EPUB',
};

function kindOfMediaType({ mediaType }: FileNames): FileKind | undefined {
  const type = bareType(mediaType);
  const known = BY_MEDIA_TYPE.get(type);
  if (known !== undefined || UNKNOWN_TYPE.test(type)) return known;
  if (type.endsWith('+json')) return 'json';
  if (type.endsWith('+xml') && !type.startsWith('image/')) return 'source';
  if (type.startsWith('text/')) return /^text\/(x-|vnd\.)/.test(type) ? 'source' : 'plain';
  throw unsupported(`Files of type ${type.slice(0, 100)} are not read`);
}

function kindOfExtension(extension: string): FileKind | undefined {
  return BY_EXTENSION.get(extension) ?? (languageOf(extension) === undefined ? undefined : 'source');
}

/** Media type without parameters, in lower case; '' where none is stated. */
function bareType(mediaType: string | undefined): string {
  return (mediaType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Of the file's name, else of its address. */
export function extensionOf({ fileName, url }: FileNames): string {
  return extensionOfPath(fileName ?? url?.replace(/[?#].*$/s, '').replace(/^[a-z]+:\/\/[^/]*/i, '') ?? '');
}

function unsupported(detail: string): ReadError {
  return new ReadError('UNSUPPORTED_MEDIA_TYPE', { detail });
}
