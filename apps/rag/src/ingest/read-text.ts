import type { TextDocument } from '@xnai/contracts';
import { isGarbled } from '@xnai/text';
import { readFile } from '@xnai/text/files';
import { readHtml } from '@xnai/text/html';
import { readMarkdown } from '@xnai/text/markdown';
import { readPlainText } from '@xnai/text/plain-text';
import { IngestError } from './ingest-error.ts';

export interface FileNames {
  /** As in a `Content-Type`, with its parameters. */
  readonly mediaType: string;
  readonly fileName?: string;
  /** Relative links of a page are resolved by it. */
  readonly url?: string;
}

/** HTML, Markdown or plain text. */
export interface TextSource {
  /** Text, or bytes whose charset is found out. */
  readonly content: string | Uint8Array;
  readonly names: FileNames;
}

const READ_HERE: ReadonlySet<string> = new Set([
  'text/markdown',
  'text/html',
  'application/xhtml+xml',
  'text/plain',
]);

/** Whether `readText` reads this type; the others are files, read in a process of their own. */
export function isText(contentType: string): boolean {
  return READ_HERE.has(contentType);
}

/** @throws {IngestError} DOCUMENT_CHARSET when more than 1 % of the text was lost before it came here, or cannot be decoded */
export async function readText({ content, names }: TextSource): Promise<TextDocument> {
  if (typeof content !== 'string') return readFile(content, names);
  if (isGarbled(content)) {
    const detail = 'More than 1 % of the text are replacement characters: it was decoded by another charset';
    throw new IngestError('DOCUMENT_CHARSET', { detail });
  }
  switch (names.mediaType) {
    case 'text/plain':
      return readPlainText(content);
    case 'text/markdown':
      return readMarkdown(content);
    default:
      return readHtml(content, names).document;
  }
}
