import { ContentType } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';
import { FILE_TYPES, languageOf } from '@xnai/text/file-types';
import { sniff } from '@xnai/text/sniff';

type FileType = (typeof FILE_TYPES)[number];

/**
 * The type that a file is stored under: by the type that it was sent with, or by the end of its name where that says
 * nothing, or by its first bytes where neither does. Source code of any language is plain text. What the file is read
 * as, its content decides.
 *
 * @param sent as in a `Content-Type`
 * @throws {ServiceError} UNSUPPORTED_MEDIA_TYPE when it is of none that is read
 * @throws {ReadError} DOCUMENT_ENCRYPTED or DOCUMENT_DAMAGED when its bytes alone could say, and show that
 */
export function contentTypeOf(sent: string, content: Uint8Array, fileName = ''): ContentType {
  const type = bareType(sent);
  const extension = (/[^./\\]*$/.exec(fileName)?.[0] ?? '').toLowerCase();
  const named = FILE_TYPES.find(({ extensions }) => extensions.includes(extension));
  const known = FILE_TYPES.find(({ mediaTypes }) => mediaTypes.includes(type)) ?? named;
  if (known !== undefined) return storedType(known, type);
  if (languageOf(extension) !== undefined || type.startsWith('text/')) return 'text/plain';
  const sniffed = sniff(content);
  if (sniffed === undefined || 'refused' in sniffed) throw unread(sniffed?.refused, type, fileName);
  const shown = FILE_TYPES.find(({ kind }) => kind === sniffed.kind);
  if (shown === undefined) throw unread(undefined, type, fileName);
  return storedType(shown, type);
}

function unread(shown: string | undefined, type: string, fileName: string): ServiceError {
  if (shown !== undefined)
    return new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: `${shown} is not read` });
  const what = fileName === '' ? `The type ${type}` : `A file like ${JSON.stringify(fileName.slice(-80))}`;
  const detail = `${what} is not read; text, source code, PDF, Office files, EPUB, CSV, JSON and mail are`;
  return new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail });
}

/** Its own name where that is a known one, else the usual one of its kind. */
function storedType({ mediaTypes }: FileType, type: string): ContentType {
  const usual = ContentType.safeParse(mediaTypes[0]).data ?? 'text/plain';
  return mediaTypes.includes(type) ? (ContentType.safeParse(type).data ?? usual) : usual;
}

export function bareType(sent: string): string {
  return (sent.split(';')[0] ?? '').trim().toLowerCase();
}
