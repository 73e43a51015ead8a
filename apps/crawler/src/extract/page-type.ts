import { BINARY_TYPES, ContentType, type CrawlType } from '@xnai/contracts';
import type { ResponseType } from '@xnai/egress';
import { FILE_TYPES, type FileKind, languageOf } from '@xnai/text/file-types';

/** How a fetched document is read: here, as a page, or by rag, as a file. */
export interface PageType {
  readonly type: CrawlType;
  readonly contentType: string;
  /** Handed to rag as its bytes. */
  readonly isFile: boolean;
  /** Of source code and configuration, such as YAML. */
  readonly language?: string;
}

const TYPES: Readonly<Partial<Record<FileKind, CrawlType>>> = {
  html: 'html',
  markdown: 'markdown',
  plain: 'text',
  rst: 'text',
  pdf: 'pdf',
  docx: 'office',
  xlsx: 'office',
  pptx: 'office',
  odf: 'office',
  epub: 'epub',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  ndjson: 'json',
};
/** Kinds that are read here. */
const PAGES: ReadonlySet<FileKind> = new Set(['html', 'markdown', 'plain']);

const BY_MEDIA_TYPE = indexBy('mediaTypes');
const BY_EXTENSION = indexBy('extensions');
const FEED = /^(application\/(rss|atom|rdf)\+xml|(application|text)\/xml)$/;
/** Servers say this of files whose type they do not know, and of text that they take for plain. */
const SAYS_NOTHING =
  /^(application\/(octet-stream|x-download|force-download|unknown)|binary\/octet-stream|)$/;

/** Source code by its media type. Styles and scripts of web pages are none. */
const SOURCE =
  /^(text\/(x-|vnd\.|yaml$)|application\/(x-)?(sh|yaml|toml|sql|typescript|httpd-php|python|perl|ruby)$)/;

/**
 * The type of a response, by its media type, and by the end of its name where that says nothing or `text/plain`, which
 * servers say of Markdown. Undefined for what is not read.
 */
export function pageTypeOf(said: ResponseType): PageType | undefined {
  const { contentType } = said;
  if (FEED.test(contentType)) return { type: 'feed', contentType, isFile: false };
  const named = BY_EXTENSION.get(extensionOf(said));
  if (SAYS_NOTHING.test(contentType)) {
    const unnamed = contentType === '' ? pageOf('html', 'text/html') : undefined;
    return named === undefined ? (sourceOf(said) ?? unnamed) : pageOf(named, '', extensionOf(said));
  }
  const stated = BY_MEDIA_TYPE.get(contentType);
  if (stated === 'plain' && named === undefined) return sourceOf(said) ?? pageOf(stated, contentType);
  if (stated === 'plain' && named !== undefined && named !== 'html')
    return pageOf(named, '', extensionOf(said)) ?? pageOf(stated, contentType);
  return (stated && pageOf(stated, contentType)) ?? sourceOf(said);
}

function sourceOf(said: ResponseType): PageType | undefined {
  const { contentType } = said;
  const ofType = SOURCE.test(contentType) ? contentType.replace(/^.*[/.](x-)?|src$/g, '') : undefined;
  const isOpen = ofType !== undefined || contentType === 'text/plain' || SAYS_NOTHING.test(contentType);
  const language = languageOf(extensionOf(said)) ?? (ofType && (languageOf(ofType) ?? ofType));
  if (!isOpen || language === undefined) return undefined;
  return { type: 'text', contentType: 'text/plain', isFile: false, language };
}

function pageOf(kind: FileKind, contentType: string, extension = ''): PageType | undefined {
  const type = TYPES[kind];
  if (type === undefined) return undefined;
  return { type, contentType: nameOfType(kind, contentType, extension), isFile: !PAGES.has(kind) };
}

/** The name by which rag knows the type: templates and files with macros are read like others of their kind. */
function nameOfType(kind: FileKind, contentType: string, extension: string): string {
  if (ContentType.safeParse(contentType).success) return contentType;
  const { mediaTypes = [] } = FILE_TYPES.find((one) => one.kind === kind) ?? {};
  const odf = { ods: 'spreadsheet', ots: 'spreadsheet', odp: 'presentation', otp: 'presentation' }[extension];
  const name =
    odf === undefined ? undefined : BINARY_TYPES.find((type) => type.endsWith(`opendocument.${odf}`));
  return name ?? mediaTypes[0] ?? contentType;
}

/** In lower case, without the dot; '' of a name without one. */
function extensionOf({ fileName, url }: ResponseType): string {
  const name = fileName ?? new URL(url).pathname;
  return /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

function indexBy(names: 'mediaTypes' | 'extensions'): ReadonlyMap<string, FileKind> {
  return new Map(FILE_TYPES.flatMap((type) => type[names].map((name) => [name, type.kind] as const)));
}
