import { deflateSync } from 'node:zlib';

export interface PdfText {
  readonly text: string;
  readonly x: number;
  /** Baseline in points from the upper edge of a page of 600 × 800. */
  readonly y: number;
  readonly size?: number;
  readonly font?: 'plain' | 'bold' | 'code';
}

/** An element of the tree of tags; a number is the text of the page at that index. */
export interface PdfTag {
  readonly role: string;
  readonly alt?: string;
  readonly children?: readonly (PdfTag | number)[];
}

export interface PdfPage {
  readonly tags?: readonly PdfTag[];
  readonly texts?: readonly PdfText[];
  /** From x, y to x, y. */
  readonly rulings?: readonly (readonly [number, number, number, number])[];
  readonly hasImage?: boolean;
  readonly rotate?: number;
  /** Drawn besides, as it stands. */
  readonly content?: string;
}

interface PdfOptions {
  readonly title?: string;
  readonly outline?: readonly { readonly title: string; readonly page: number }[];
  /** Further objects and entries of the trailer, as they stand. */
  readonly trailer?: string;
  readonly objects?: readonly string[];
}

const FONTS = { plain: 'Helvetica', bold: 'Helvetica-Bold', code: 'Courier' };
const FIRST_FREE = 10;

/**
 * Makes a PDF of texts at places. Objects: 1 catalog, 2 pages, 3 to 5 fonts, 6 information, 7 image, 8 outline, 9 tags.
 * Text of a page with tags that no tag refers to is marked as decoration.
 */
export function pdfOf(pages: readonly PdfPage[], options: PdfOptions = {}): Uint8Array<ArrayBuffer> {
  const { title, outline = [], trailer = '', objects: more = [] } = options;
  const isTagged = pages.some(({ tags }) => tags !== undefined);
  const objects = new Map<number, string>();
  const pageId = (index: number) => FIRST_FREE + 2 * index;
  objects.set(
    1,
    `<< /Type /Catalog /Pages 2 0 R ${outline.length > 0 ? '/Outlines 8 0 R' : ''} ${isTagged ? '/MarkInfo << /Marked true >> /StructTreeRoot 9 0 R' : ''} >>`,
  );
  const kids = pages.map((_, index) => `${pageId(index)} 0 R`).join(' ');
  objects.set(2, `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] /MediaBox [0 0 600 800] >>`);
  for (const [index, name] of Object.values(FONTS).entries()) {
    objects.set(3 + index, `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`);
  }
  objects.set(6, title === undefined ? '<< >>' : `<< /Title ${literal(title)} >>`);
  objects.set(
    7,
    stream(
      '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8',
      'x',
    ),
  );
  for (const [index, page] of pages.entries()) {
    const resources = '<< /Font << /plain 3 0 R /bold 4 0 R /code 5 0 R >> /XObject << /I 7 0 R >> >>';
    const rotate = page.rotate === undefined ? '' : `/Rotate ${page.rotate}`;
    objects.set(
      pageId(index),
      `<< /Type /Page /Parent 2 0 R ${rotate} /StructParents ${index} /Resources ${resources} /Contents ${pageId(index) + 1} 0 R >>`,
    );
    objects.set(pageId(index) + 1, stream('', contentOf(page)));
  }
  const free = pageId(pages.length);
  if (outline.length > 0) {
    objects.set(8, `<< /Type /Outlines /First ${free} 0 R /Last ${free + outline.length - 1} 0 R >>`);
    for (const [index, entry] of outline.entries()) {
      const next = index + 1 < outline.length ? `/Next ${free + index + 1} 0 R` : '';
      objects.set(
        free + index,
        `<< /Title ${literal(entry.title)} /Parent 8 0 R ${next} /Dest [${pageId(entry.page - 1)} 0 R /Fit] >>`,
      );
    }
  }
  if (isTagged) addTags(objects, pages, pageId);
  for (const [index, object] of more.entries()) objects.set(free + outline.length + index, object);
  return pdfOfObjects(objects, `/Root 1 0 R /Info 6 0 R ${trailer}`);
}

const FIRST_TAG = 10_000;

function addTags(
  objects: Map<number, string>,
  pages: readonly PdfPage[],
  pageId: (index: number) => number,
): void {
  let id = FIRST_TAG;
  const add = (
    { role, alt = '', children = [] }: PdfTag,
    parent: number,
    page: number,
    holders: string[],
  ): string => {
    const own = id++;
    const kids = children.map((child) => {
      if (typeof child !== 'number') return add(child, own, page, holders);
      holders[child] = `${own} 0 R`;
      return child;
    });
    const entries = `/P ${parent} 0 R /Pg ${pageId(page)} 0 R /Alt ${literal(alt)} /K [${kids.join(' ')}]`;
    objects.set(own, `<< /Type /StructElem /S /${role} ${entries} >>`);
    return `${own} 0 R`;
  };
  const roots: string[] = [];
  const parents = pages.map(({ tags = [], texts = [] }, page) => {
    const holders = texts.map(() => 'null');
    for (const tag of tags) roots.push(add(tag, 9, page, holders));
    return `${page} [${holders.join(' ')}]`;
  });
  objects.set(
    9,
    `<< /Type /StructTreeRoot /K [${roots.join(' ')}] /ParentTree << /Nums [${parents.join(' ')}] >> >>`,
  );
}

function textsIn(tag: PdfTag): number[] {
  return (tag.children ?? []).flatMap((child) => (typeof child === 'number' ? [child] : textsIn(child)));
}

function pdfOfObjects(objects: ReadonlyMap<number, string>, trailer: string): Uint8Array<ArrayBuffer> {
  const offsets = new Map<number, number>();
  let file = '%PDF-1.7\n';
  for (const [id, object] of objects) {
    offsets.set(id, file.length);
    file += `${id} 0 obj\n${object}\nendobj\n`;
  }
  const size = Math.max(...objects.keys()) + 1;
  const entries = Array.from({ length: size }, (_, id) => {
    const offset = offsets.get(id);
    return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${size}\n${entries.join('')}trailer\n<< /Size ${size} ${trailer} >>`;
  return latin1(`${file}${table}\nstartxref\n${file.length}\n%%EOF\n`);
}

/** An object with a stream, deflated, as a string of one letter a byte. */
export function stream(entries: string, content: string | Uint8Array): string {
  const packed = Buffer.from(deflateSync(typeof content === 'string' ? latin1(content) : content)).toString(
    'latin1',
  );
  return `<< ${entries} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed}\nendstream`;
}

function contentOf({ texts = [], rulings = [], hasImage = false, content = '', tags }: PdfPage): string {
  const tagged = new Set(tags?.flatMap(textsIn));
  const drawn = texts.map(({ text, x, y, size = 10, font = 'plain' }, index) => {
    const shown = `BT /${font} ${size} Tf 1 0 0 1 ${x} ${800 - y} Tm ${literal(text)} Tj ET`;
    if (tags === undefined) return shown;
    return `${tagged.has(index) ? `/Span << /MCID ${index} >> BDC` : '/Artifact BMC'} ${shown} EMC`;
  });
  const lines = rulings.map(([x0, y0, x1, y1]) => `${x0} ${800 - y0} m ${x1} ${800 - y1} l S`);
  const image = hasImage ? ['q 600 0 0 800 0 0 cm /I Do Q'] : [];
  return [...image, ...lines, ...drawn, content].join('\n');
}

function literal(text: string): string {
  return `(${text.replace(/[\\()]/g, '\\$&')})`;
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
