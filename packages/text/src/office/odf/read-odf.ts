import type { TextDocument } from '@xnai/contracts';
import { resolvePart } from '../../container/entry-path.ts';
import type { Zip } from '../../container/open-zip.ts';
import { parsePart } from '../../container/parse-part.ts';
import {
  attribute,
  descendants,
  elements,
  find,
  parseXml,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { decodeText } from '../../decode-text.ts';
import { ReadError } from '../../read-error.ts';
import { statedTitle } from '../parts.ts';
import { writeSheets } from '../write-sheets.ts';
import { OdfBlocks } from './blocks.ts';
import { readOutline } from './outline.ts';
import { readRows } from './sheets.ts';
import { pageHeads, readStyles, type Styles } from './styles.ts';

/**
 * Reads an OpenDocument file (ISO/IEC 26300): a text, a workbook with a page for each sheet, or a presentation with a
 * page for each slide.
 *
 * @param mathText the formula of a MathML document on one line
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive holds no content, or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when it is protected by a password
 * @throws {ReadError} DOCUMENT_NOT_READABLE when an entry is packed in an unknown way
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its XML is nested too deep
 */
export function readOdf(zip: Zip, mathText: (mathMl: string) => string): TextDocument {
  const manifest = parsePart(zip, 'META-INF/manifest.xml');
  if (manifest !== undefined && descendants(manifest, 'encryption-data').length > 0)
    throw new ReadError('DOCUMENT_ENCRYPTED');
  const content = parsePart(zip, 'content.xml');
  if (content === undefined) throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file holds no content' });
  const common = parsePart(zip, 'styles.xml');
  const styles = readStyles([common, content]);
  const body = elements(find(content, 'body'))[0];
  const definitions = {
    styles,
    outline: readOutline(common),
    formulaOf: (object: XmlElement) => formulaOf(object, zip, mathText),
  };
  const blocks = new OdfBlocks(definitions, body?.name === 'spreadsheet' ? 'none' : 'code');
  const pages = readContent(body, blocks, styles);
  for (const head of pageHeads(common)) blocks.writer.lose('page-head', textOf(head));
  const meta = find(parsePart(zip, 'meta.xml'), 'meta');
  const title = statedTitle(meta);
  const language = textOf(find(meta, 'language')).trim();
  return blocks.writer.end({
    ...(title !== undefined && { title }),
    ...(language !== '' && { language }),
    ...pages,
  });
}

function formulaOf(object: XmlElement, zip: Zip, mathText: (mathMl: string) => string): string | undefined {
  const bytes = zip.read(`${resolvePart('', attribute(object, 'href') ?? '')}/content.xml`);
  if (bytes === undefined || parseXml(bytes).name !== 'math') return undefined;
  return mathText(decodeText(bytes).replace(/<(\/?)\w+:/g, '<$1'));
}

function readContent(
  body: XmlElement | undefined,
  blocks: OdfBlocks,
  styles: Styles,
): Pick<TextDocument, 'pages'> {
  if (body?.name === 'spreadsheet') return readSheets(body, blocks, styles);
  if (body?.name !== 'presentation') {
    blocks.children(body);
    return {};
  }
  for (const [index, page] of elements(body, 'page').entries()) {
    blocks.writer.blocks.page = index + 1;
    if (styles.of(attribute(page, 'style-name')).isHidden) blocks.writer.lose('hidden', textOf(page));
    else readSlide(page, blocks);
  }
  return { pages: { unit: 'slide' } };
}

function readSheets(body: XmlElement, blocks: OdfBlocks, styles: Styles): Pick<TextDocument, 'pages'> {
  const sheets = elements(body, 'table').map((sheet) => () => ({
    name: attribute(sheet, 'name') ?? '',
    isHidden: styles.of(attribute(sheet, 'style-name')).isHidden,
    rows: readRows(sheet, blocks),
  }));
  return writeSheets(blocks.writer.blocks, sheets);
}

const PAGE_HEADS = /^(header|footer|date-time|page-number)$/;

function readSlide(page: XmlElement, blocks: OdfBlocks): void {
  const frames = elements(page);
  const title = frames.find((frame) => attribute(frame, 'class') === 'title');
  if (title !== undefined) blocks.writer.heading(2, blocks.flat(title));
  for (const frame of frames) {
    if (frame === title) continue;
    if (PAGE_HEADS.test(attribute(frame, 'class') ?? '')) blocks.writer.lose('page-head', textOf(frame));
    else if (frame.name === 'notes') writeNotes(blocks, blocks.flat(frame));
    else blocks.read(frame);
  }
}

function writeNotes(blocks: OdfBlocks, text: string): void {
  if (text !== '') blocks.writer.blocks.note(text, 'notes');
}
