import type { TextDocument } from '@xnai/contracts';
import type { Zip } from '../../container/open-zip.ts';
import { attribute, elements, find, parseXml, type XmlElement } from '../../container/parse-xml.ts';
import { ReadError } from '../../read-error.ts';
import { DocumentWriter } from '../../writer.ts';
import { countLeftOut, isOn, openPart, partsOf, referenceOf, statedTitle } from '../parts.ts';
import { writeSheets } from '../write-sheets.ts';
import { builtInCode, readFormat } from './number-format.ts';
import { readSheet, richText, type SheetValues } from './read-sheet.ts';

/**
 * Reads an Excel workbook (ECMA-376): a page for each sheet, values as they are shown, dates by ISO 8601. Hidden sheets,
 * rows and columns are left out and counted.
 *
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive holds no workbook, or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when an entry needs a password
 * @throws {ReadError} DOCUMENT_NOT_READABLE when an entry is packed in an unknown way
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its XML is nested too deep
 */
export function readXlsx(zip: Zip): TextDocument {
  const book = openPart(zip, '', 'officeDocument');
  if (book === undefined) throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file holds no workbook' });
  const parts = new Map(partsOf(zip, book.name).map((part) => [part.id, part.name]));
  const isFrom1904 = isOn(attribute(find(book.root, 'workbookPr'), 'date1904'));
  const values: SheetValues = {
    strings: readStrings(zip, book.name),
    formats: readFormats(openPart(zip, book.name, 'styles')?.root, isFrom1904),
  };
  const writer = new DocumentWriter({ inline: 'none' });
  const sheets = elements(find(book.root, 'sheets'), 'sheet').map((sheet) => () => {
    const part = parts.get(referenceOf(sheet)) ?? '';
    const bytes = zip.read(part);
    if (bytes === undefined) return undefined;
    countLeftOut(zip, part, writer);
    const { rows, hiddenChars } = readSheet(bytes, values, writer.repeats);
    writer.lose('hidden', hiddenChars);
    return { name: attribute(sheet, 'name') ?? '', isHidden: isHidden(sheet), rows };
  });
  const pages = writeSheets(writer, sheets);
  const title = statedTitle(openPart(zip, '', 'core-properties')?.root);
  return writer.end({ ...(title !== undefined && { title }), ...pages });
}

function isHidden(sheet: XmlElement): boolean {
  return (attribute(sheet, 'state') ?? 'visible') !== 'visible';
}

function readStrings(zip: Zip, book: string): string[] {
  const name = partsOf(zip, book).find((part) => part.type === 'sharedStrings')?.name;
  const bytes = name === undefined ? undefined : zip.read(name);
  const strings: string[] = [];
  if (bytes !== undefined) parseXml(bytes, { of: 'sst', each: (string) => strings.push(richText(string)) });
  return strings;
}

function readFormats(styles: XmlElement | undefined, isFrom1904: boolean): SheetValues['formats'] {
  const own = new Map(
    elements(find(styles, 'numFmts'), 'numFmt').map((format) => [
      attribute(format, 'numFmtId'),
      attribute(format, 'formatCode') ?? '',
    ]),
  );
  return elements(find(styles, 'cellXfs'), 'xf').map((style) => {
    const id = attribute(style, 'numFmtId');
    return readFormat(own.get(id) ?? builtInCode(Number(id ?? 0)), isFrom1904);
  });
}
