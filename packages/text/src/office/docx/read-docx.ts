import type { TextDocument } from '@xnai/contracts';
import type { Zip } from '../../container/open-zip.ts';
import { attribute, elements, parseXml, type XmlElement } from '../../container/parse-xml.ts';
import { ReadError } from '../../read-error.ts';
import { countLeftOut, openPart, partsOf, statedTitle } from '../parts.ts';
import { DocxBlocks } from './blocks.ts';
import { readNumbering } from './numbering.ts';
import { readStyles } from './styles.ts';

/**
 * Reads a Word document (ECMA-376). Inserted text is kept and deleted text left out, as if all changes were accepted.
 *
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive holds no document, or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when an entry needs a password
 * @throws {ReadError} DOCUMENT_NOT_READABLE when an entry is packed in an unknown way
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its XML is nested too deep
 */
export function readDocx(zip: Zip): TextDocument {
  const main = partsOf(zip, '').find((part) => part.type === 'officeDocument')?.name ?? 'word/document.xml';
  const body = zip.read(main);
  if (body === undefined)
    throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file holds no Word document' });
  const styles = readStyles(openPart(zip, main, 'styles')?.root);
  const blocks = new DocxBlocks({
    styles,
    numbering: readNumbering(openPart(zip, main, 'numbering')?.root),
    notes: new Map([...readNotes(zip, main, 'footnote'), ...readNotes(zip, main, 'endnote')]),
  });
  parseXml(body, { of: 'body', each: (block) => blocks.read(block) });
  countLeftOut(zip, main, blocks.writer.blocks);
  const title = statedTitle(openPart(zip, '', 'core-properties')?.root);
  const { language } = styles;
  return blocks.writer.end({
    ...(title !== undefined && { title }),
    ...(language !== undefined && { language }),
  });
}

/** Notes by their kind and id. */
function readNotes(zip: Zip, main: string, kind: string): [string, XmlElement][] {
  return elements(openPart(zip, main, `${kind}s`)?.root, kind).map((note) => [
    `${kind} ${attribute(note, 'id')}`,
    note,
  ]);
}
