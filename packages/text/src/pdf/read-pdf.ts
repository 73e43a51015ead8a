import type { TextDocument } from '@xnai/contracts';
import type { PDFDocumentProxy } from 'unpdf/pdfjs';
import { headingName } from '../heading-name.ts';
import type { LossRule } from '../loss-rule.ts';
import { ReadError } from '../read-error.ts';
import { DocumentWriter } from '../writer.ts';
import { Flow } from './flow.ts';
import { splitNotes } from './foot-notes.ts';
import { type Element, layOut } from './layout.ts';
import { ARTIFACT, ASLANT, type Fragment, type LoadedPage, loadPage } from './load-page.ts';
import { withPdf } from './open-pdf.ts';
import { readOutline } from './outline.ts';
import { findPageHeads } from './page-heads.ts';
import { styleOf } from './style.ts';
import { hasHeadingTags, type TaggedPage, taggedPage } from './tagged-page.ts';
import { writeTaggedPage } from './tags.ts';

/**
 * Reads a PDF: by its own tags where it has them, else by where its letters stand. A hostile file takes any amount of
 * memory and time: call it in a process that is watched.
 *
 * @throws {ReadError} DOCUMENT_ENCRYPTED when it opens with a password only
 * @throws {ReadError} DOCUMENT_SCANNED when its pages are images
 * @throws {ReadError} DOCUMENT_DAMAGED when it is cut off, no PDF, or its page tree is broken
 * @throws {ReadError} DOCUMENT_NOT_READABLE when there is no text, or its fonts do not say which letters they show
 */
export function readPdf(bytes: Uint8Array): Promise<TextDocument> {
  return withPdf(bytes, async (document) => {
    const pages: ReadPage[] = [];
    for (let number = 1; number <= document.numPages; number++) {
      pages.push(readPage(await loadPage(document, number)));
    }
    refuseWithoutText(pages);
    const outline = await readOutline(document);
    const hasTags = pages.some(({ tagged }) => tagged !== undefined && hasHeadingTags(tagged));
    const style = styleOf(
      pages.flatMap(({ elements }) => elements),
      outline,
      hasTags,
    );
    const writer = new DocumentWriter({ inline: 'code' });
    const byPosition = pages.map(({ elements, tagged }) => (tagged === undefined ? elements : []));
    const heads = findPageHeads(byPosition, style.bodySize);
    const flow = new Flow(writer, style);
    for (const page of pages) {
      for (const rule of LOST) writer.lose(rule, page.lost[rule]);
      if (page.tagged === undefined) writePage(page.elements, heads, flow);
      else writeTaggedPage(page.tagged, flow);
    }
    flow.end();
    return titled(writer.end({ ...(await titleOf(document)), pages: { unit: 'page' } }));
  });
}

const LOST = ['page-head', 'aslant', 'font'] as const satisfies LossRule[];

interface ReadPage {
  /** By position; what tells the style of the document in any case. */
  readonly elements: readonly Element[];
  readonly tagged: TaggedPage | undefined;
  readonly hasImage: boolean;
  /** What the file itself calls decoration, what stands aslant, such as "DRAFT", and what has no font. */
  readonly lost: Readonly<Record<(typeof LOST)[number], number>>;
}

function readPage(page: LoadedPage): ReadPage {
  const all = [...page.directions.values()].flat();
  const artifactChars = lettersOf(all.filter(({ content }) => content === ARTIFACT));
  // A file that calls most of itself decoration is mistaken.
  const isTrusted = artifactChars < 0.5 * lettersOf(all);
  const upright = [...page.directions].filter(([direction]) => direction !== ASLANT).map(([, one]) => one);
  const [first = [], ...others] = upright
    .map((one) => (isTrusted ? one.filter(({ content }) => content !== ARTIFACT) : one))
    .sort((a, b) => b.length - a.length);
  const noDrawing = { number: page.number, drawing: { rulings: [], hasImage: false } };
  return {
    elements: [...layOut(first, page), ...others.flatMap((fragments) => layOut(fragments, noDrawing))],
    tagged: isTrusted ? taggedPage(page) : undefined,
    hasImage: page.drawing.hasImage,
    lost: {
      'page-head': isTrusted ? artifactChars : 0,
      aslant: lettersOf(page.directions.get(ASLANT) ?? []),
      font: page.unreadable,
    },
  };
}

function lettersOf(fragments: readonly Fragment[]): number {
  return fragments.reduce((sum, { text }) => sum + text.length, 0);
}

function writePage(elements: readonly Element[], heads: ReadonlySet<Element>, flow: Flow): void {
  const kept = elements.filter((element) => !heads.has(element));
  for (const element of elements) {
    if (heads.has(element) && element.kind === 'line')
      flow.writer.lose('page-head', element.line.text.length);
  }
  const { body, notes } = splitNotes(kept, flow.style);
  flow.add(body);
  for (const note of notes) {
    const [first] = note;
    if (first === undefined) continue;
    const noted = note.map(({ line }) => line);
    flow.note(noted, { ...first, right: first.region.right });
  }
}

const FONTS = 'The fonts of the PDF do not say which letters they show';

function refuseWithoutText(pages: readonly ReadPage[]): void {
  const elements = pages.flatMap((page) => page.elements);
  const hasImage = pages.some((page) => page.hasImage);
  const lines = elements.flatMap((one) => (one.kind === 'line' ? [one.line] : one.table.cells.flat(2)));
  const text = lines.map((line) => line.text).join('');
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (hasImage && letters < 10 * pages.length) throw new ReadError('DOCUMENT_SCANNED');
  if (text === '' && pages.every((page) => page.lost.font === 0)) {
    throw new ReadError('DOCUMENT_NOT_READABLE', { detail: 'There is no text in the document' });
  }
  const unknown = text.match(/[\p{Co}\p{Cc}\ufffd]/gu)?.length ?? 0;
  const unreadable = pages.reduce((sum, page) => sum + page.lost.font, 0);
  if (unknown > 0.3 * text.length || unreadable > 0.3 * lines.length) {
    throw new ReadError('DOCUMENT_NOT_READABLE', { detail: FONTS });
  }
}

async function titleOf(document: PDFDocumentProxy): Promise<{ title?: string; language?: string }> {
  const info = (await document.getMetadata()).info as Readonly<Record<string, unknown>>;
  const title = typeof info['Title'] === 'string' ? info['Title'].trim() : '';
  const isName = /^(?:untitled|microsoft word|.*\.(?:docx?|tex|dvi|indd|pdf|odt|rtf|qxd))\b/i.test(title);
  const language = typeof info['Language'] === 'string' ? info['Language'] : '';
  return {
    ...(title !== '' && !isName && { title }),
    ...(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(language) && { language }),
  };
}

/** A file without a title has that of its first heading. */
function titled(document: TextDocument): TextDocument {
  const title = document.title ?? headingName(document);
  return title === undefined ? document : { ...document, title };
}
