import type { TextDocument } from '@xnai/contracts';
import { resolvePart } from '../container/entry-path.ts';
import type { Zip } from '../container/open-zip.ts';
import { parsePart } from '../container/parse-part.ts';
import { attribute, descendants, elements, find, textOf, type XmlElement } from '../container/parse-xml.ts';
import { decodeText } from '../decode-text.ts';
import { headingName } from '../heading-name.ts';
import { readHtml } from '../html/read-html.ts';
import { type DocumentPart, joinDocuments } from '../join-documents.ts';
import type { LossRule } from '../loss-rule.ts';
import { ReadError } from '../read-error.ts';

/** Ways to hide fonts from copying, which leave the text as it is. */
const FONT_OBFUSCATION = /idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc#RC/;

/** A document of the spine. */
interface Chapter {
  /** Of its entry in the archive. */
  readonly name: string;
  readonly isNavigation: boolean;
}

/**
 * Reads a book (EPUB 2 and 3) chapter by chapter in the order of its spine; each is a page.
 *
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive holds no book, or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when its chapters are encrypted for the devices of one shop
 * @throws {ReadError} DOCUMENT_NOT_READABLE when an entry is packed in an unknown way
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its XML is nested too deep
 */
export function readEpub(zip: Zip): TextDocument {
  refuseEncrypted(zip);
  const container = parsePart(zip, 'META-INF/container.xml');
  const packageName = attribute(find(container, 'rootfiles', 'rootfile'), 'full-path') ?? '';
  const book = parsePart(zip, packageName);
  if (book === undefined) throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file holds no book' });
  const parts: DocumentPart[] = [];
  const names: string[] = [];
  for (const { name, isNavigation } of chaptersOf(book, packageName)) {
    const bytes = zip.read(name);
    if (bytes === undefined) continue;
    const { document } = readHtml(decodeText(bytes));
    if (isNavigation) parts.push({ document: leaveOut(document) });
    else parts.push({ document, page: names.push(nameOf(document)) });
  }
  const metadata = find(book, 'metadata');
  const title = textOf(find(metadata, 'title')).trim();
  const language = textOf(find(metadata, 'language')).trim();
  return joinDocuments(parts, {
    ...(title !== '' && { title }),
    ...(language !== '' && { language }),
    pages: { unit: 'part', names },
  });
}

function chaptersOf(book: XmlElement, packageName: string): Chapter[] {
  const folder = packageName.slice(0, packageName.lastIndexOf('/') + 1);
  const items = new Map(
    elements(find(book, 'manifest'), 'item').map((item) => [attribute(item, 'id'), item]),
  );
  return elements(find(book, 'spine'), 'itemref').flatMap((reference) => {
    const item = items.get(attribute(reference, 'idref'));
    const isNavigation = /(^|\s)nav(\s|$)/.test(attribute(item, 'properties') ?? '');
    return item === undefined
      ? []
      : [{ name: resolvePart(folder, attribute(item, 'href') ?? ''), isNavigation }];
  });
}

/** Titles of pages are often names of files: what stands above the chapter is its name. */
function nameOf(chapter: TextDocument): string {
  return headingName(chapter) ?? chapter.title ?? '';
}

/** A table of contents leads to chapters that are all here. */
function leaveOut(document: TextDocument): TextDocument {
  const losses = [{ rule: 'navigation' satisfies LossRule, chars: document.text.length }];
  return { text: '', inline: document.inline, blocks: [], tables: [], anchors: {}, losses };
}

function refuseEncrypted(zip: Zip): void {
  const encryption = parsePart(zip, 'META-INF/encryption.xml');
  const methods = encryption === undefined ? [] : descendants(encryption, 'EncryptedData');
  const isLocked = methods.some(
    (data) => !FONT_OBFUSCATION.test(attribute(find(data, 'EncryptionMethod'), 'Algorithm') ?? ''),
  );
  if (isLocked)
    throw new ReadError('DOCUMENT_ENCRYPTED', { detail: 'The book is protected against copying' });
}
