import { OPS, type PDFDocumentProxy, type PDFPageProxy } from 'unpdf/pdfjs';
import { isCodeFont } from '../code-font.ts';
import { type Drawing, multiply, readDrawing } from './drawing.ts';

export interface Font {
  readonly name: string;
  readonly isBold: boolean;
  readonly isFixedPitch: boolean;
}

/** Text that stands in one piece on a page. Lengths are points, from the upper left corner of the page as it is read. */
export interface Fragment {
  readonly text: string;
  readonly x: number;
  /** Of the baseline, downwards. */
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly font: Font;
  readonly isRightToLeft: boolean;
  readonly hasSpaceBefore: boolean;
  /** Place in the order in which the file draws its text. */
  readonly order: number;
  /** Marked content that holds it, to which tags refer. */
  readonly content: string | undefined;
}

export type Tags = Awaited<ReturnType<PDFPageProxy['getStructTree']>>;

export interface LoadedPage {
  readonly number: number;
  readonly height: number;
  /** Text by its direction: 0 to 3 quarter turns, all turned until they are upright, or `ASLANT`. */
  readonly directions: ReadonlyMap<number, readonly Fragment[]>;
  readonly drawing: Drawing;
  readonly tags: Tags | null;
  /** Pieces of text in fonts that cannot be loaded: those of Asia that the file names and does not hold, above all. */
  readonly unreadable: number;
}

type Matrix = readonly number[];
type Operators = Awaited<ReturnType<PDFPageProxy['getOperatorList']>>;
type Content = Awaited<ReturnType<PDFPageProxy['getTextContent']>>;
type TextItem = Extract<Content['items'][number], { str: string }>;

export async function loadPage(document: PDFDocumentProxy, number: number): Promise<LoadedPage> {
  const page = await document.getPage(number);
  const [operators, content, tags] = [
    await page.getOperatorList(),
    await page.getTextContent({ includeMarkedContent: true }),
    await page.getStructTree(),
  ];
  const { transform, height } = page.getViewport({ scale: 1 });
  const fonts = fontsOf(page, content);
  const directions = readDirections(content, transform, fonts);
  const drawing = readDrawing(operators, transform);
  const unreadable = countUnreadable(operators, page);
  page.cleanup();
  return { number, height, directions, drawing, tags, unreadable };
}

/** pdf.js puts a message in the place of a font that it cannot load, and shows no letter of it. */
function countUnreadable({ fnArray, argsArray }: Operators, { commonObjs }: PDFPageProxy): number {
  let isBroken = false;
  return fnArray.filter((operator, index) => {
    if (operator === OPS.setFont) {
      const [id] = argsArray[index] as readonly [string];
      isBroken = commonObjs.has(id) && typeof commonObjs.get(id) === 'string';
    }
    return operator === OPS.showText && isBroken;
  }).length;
}

const BOLD = /bold|black|heavy|demi|CMBX|SFBX|[-,]B\b/i;
/** Ligatures, and the shapes of Arabic letters: readers type and search plain letters. */
const PRESENTATION_FORMS = /[\ufb00-\ufdff\ufe70-\ufefc]+/g;
/** Of TeX; the others are told by name or by the font itself. */
const TYPEWRITER = /CMTT|SFTT|CMSLTT|txtt|pcrr/i;

function fontsOf(page: PDFPageProxy, { styles }: Content): ReadonlyMap<string, Font> {
  const fonts = Object.entries(styles).map(([id, { fontFamily }]) => {
    const data = page.commonObjs.has(id) ? page.commonObjs.get(id) : undefined;
    const name: string = data?.name ?? '';
    const isFixedPitch = fontFamily === 'monospace' || isCodeFont(name) || TYPEWRITER.test(name);
    return [id, { name, isBold: data?.bold === true || BOLD.test(name), isFixedPitch }] as const;
  });
  return new Map(fonts);
}

export const NO_FONT: Font = { name: '', isBold: false, isFixedPitch: false };

/** Content of page heads, feet and decoration, as the file itself says. */
export const ARTIFACT = 'artifact';

function readDirections(
  content: Content,
  view: Matrix,
  fonts: ReadonlyMap<string, Font>,
): LoadedPage['directions'] {
  const open: (string | undefined)[] = [];
  let hasSpaceBefore = false;
  const placed = content.items.flatMap((item, order) => {
    if (!('str' in item)) {
      if (item.type === 'endMarkedContent') open.pop();
      else open.push(contentOf(item, open.at(-1)));
      return [];
    }
    const font = fonts.get(item.fontName) ?? NO_FONT;
    const text = item.str.trim().replace(PRESENTATION_FORMS, (letters) => letters.normalize('NFKC'));
    const isApart = hasSpaceBefore || /^\s/.test(item.str);
    hasSpaceBefore = item.hasEOL || /\s$/.test(item.str) || (item.str === '' && isApart);
    if (text === '') return [];
    const { direction, ...place } = placeOf(item, view, content.styles[item.fontName]?.vertical === true);
    const isRightToLeft = item.dir === 'rtl';
    const fragment = {
      ...place,
      text,
      order,
      font,
      isRightToLeft,
      hasSpaceBefore: isApart,
      content: open.at(-1),
    };
    return [{ direction, fragment }];
  });
  const directions = Map.groupBy(placed, ({ direction }) => direction);
  return new Map(
    Array.from(directions, ([direction, all]) => [direction, all.map(({ fragment }) => fragment)]),
  );
}

/** The types of pdf.js know the id of marked content, and not its tag. */
function contentOf(item: { readonly id?: string; readonly tag?: string }, outer: string | undefined) {
  return item.tag === 'Artifact' ? ARTIFACT : (item.id ?? outer);
}

/** A quarter turn for each direction; text that stands aslant, such as "DRAFT" across a page, is the fifth. */
export const ASLANT = 4;

function placeOf({ str, transform, width, height }: TextItem, view: Matrix, isVertical: boolean) {
  const [a, b, c, d, e, f] = multiply(view, transform);
  const turns = Math.atan2(b, a) / (Math.PI / 2) + (isVertical ? 1 : 0);
  const isAslant = Math.abs(turns - Math.round(turns)) > 0.05;
  const direction = isAslant ? ASLANT : (Math.round(turns) + 4) % 4;
  const [x, y] = turnBack(direction, e, f);
  const size = Math.hypot(c, d);
  const length = isVertical ? height : width;
  const leading = str.length - str.trimStart().length;
  const space = leading === 0 ? 0 : (length * leading) / str.length;
  return { direction, x: x + space, y, width: length - space, size };
}

function turnBack(direction: number, x: number, y: number): [number, number] {
  if (direction === 1) return [y, -x];
  if (direction === 2) return [-x, -y];
  if (direction === 3) return [-y, x];
  return [x, y];
}
