import type { TextDocument } from '@xnai/contracts';
import type { Zip } from '../../container/open-zip.ts';
import {
  attribute,
  descendants,
  elements,
  find,
  parseXml,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { ReadError } from '../../read-error.ts';
import { DocumentWriter } from '../../writer.ts';
import { countLeftOut, isOn, openPart, partsOf, referenceOf, statedTitle } from '../parts.ts';
import { lineText } from './paragraph.ts';
import { placeholderOf, SlideShapes } from './shapes.ts';

/**
 * Reads a PowerPoint presentation (ECMA-376): a page for each slide, with the words of the speaker as a note. Hidden
 * slides are left out and counted.
 *
 * @throws {ReadError} DOCUMENT_DAMAGED when the archive holds no presentation, or an entry does not match its checksum
 * @throws {ReadError} DOCUMENT_ENCRYPTED when an entry needs a password
 * @throws {ReadError} DOCUMENT_NOT_READABLE when an entry is packed in an unknown way
 * @throws {ReadError} DOCUMENT_TOO_LARGE when it inflates to too much, or its XML is nested too deep
 */
export function readPptx(zip: Zip): TextDocument {
  const main = openPart(zip, '', 'officeDocument');
  if (main === undefined)
    throw new ReadError('DOCUMENT_DAMAGED', { detail: 'The file holds no presentation' });
  const parts = new Map(partsOf(zip, main.name).map((part) => [part.id, part.name]));
  const writer = new DocumentWriter({ inline: 'code' });
  const shapes = new SlideShapes(writer);
  for (const [index, entry] of elements(find(main.root, 'sldIdLst'), 'sldId').entries()) {
    const name = parts.get(referenceOf(entry)) ?? '';
    const bytes = zip.read(name);
    if (bytes === undefined) continue;
    const slide = parseXml(bytes);
    writer.page = index + 1;
    if (isOn(attribute(slide, 'show') ?? '1')) readSlide(slide, shapes, { writer, zip, name });
    else writer.lose('hidden', visibleText(slide).length);
  }
  const title = statedTitle(openPart(zip, '', 'core-properties')?.root) ?? shapes.title;
  return writer.end({ ...(title !== undefined && { title }), pages: { unit: 'slide' } });
}

interface SlideContext {
  readonly writer: DocumentWriter;
  readonly zip: Zip;
  /** Of the slide in the archive. */
  readonly name: string;
}

function readSlide(slide: XmlElement, shapes: SlideShapes, context: SlideContext): void {
  const { writer, zip, name } = context;
  shapes.read(find(slide, 'cSld', 'spTree'));
  const diagram = openPart(zip, name, 'diagramData')?.root;
  for (const point of elements(find(diagram, 'ptLst'), 'pt')) writer.paragraph(visibleText(point));
  const notes = openPart(zip, name, 'notesSlide')?.root;
  for (const shape of elements(find(notes, 'cSld', 'spTree'), 'sp')) {
    const text = visibleText(find(shape, 'txBody'));
    if (placeholderOf(shape) === 'body' && text !== '') writer.note(text, 'notes');
  }
  countLeftOut(zip, name, writer, ['diagramData']);
}

function visibleText(element: XmlElement | undefined): string {
  return element === undefined ? '' : descendants(element, 'p').map(lineText).join('\n').trim();
}
