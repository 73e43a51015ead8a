import type { PDFDocumentProxy } from 'unpdf/pdfjs';

/** Titles of the outline by the page they point to, with their level, which counts from 1. */
export type Outline = ReadonlyMap<number, readonly { readonly title: string; readonly level: number }[]>;

const MAX_ENTRIES = 5000;
const MAX_DEPTH = 6;

type Entries = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>;

export async function readOutline(document: PDFDocumentProxy): Promise<Outline> {
  const outline = new Map<number, { title: string; level: number }[]>();
  let entries = 0;
  const visit = async (items: Entries, level: number): Promise<void> => {
    for (const { title, dest, items: inner } of items) {
      entries += 1;
      if (entries > MAX_ENTRIES) return;
      const page = await pageOf(document, dest);
      if (page !== undefined)
        outline.set(page, [...(outline.get(page) ?? []), { title: bare(title), level }]);
      if (level < MAX_DEPTH) await visit(inner, level + 1);
    }
  };
  await visit((await document.getOutline()) ?? [], 1);
  return outline;
}

/** A broken link in the outline costs a hint and no text. */
async function pageOf(
  document: PDFDocumentProxy,
  dest: string | unknown[] | null,
): Promise<number | undefined> {
  try {
    const target = typeof dest === 'string' ? await document.getDestination(dest) : dest;
    const page: unknown = target?.[0];
    if (typeof page === 'number') return page + 1;
    return page === undefined || page === null ? undefined : (await document.getPageIndex(page as never)) + 1;
  } catch {
    return undefined;
  }
}

/** The level of the heading that a line is, or begins, by the outline. */
export function isHeadingOf(outline: Outline, page: number, text: string): number | undefined {
  const line = bare(text);
  if (line.length < 2) return undefined;
  return outline.get(page)?.find(({ title }) => title === line)?.level;
}

/** Without its number, spaces and case. */
function bare(title: string): string {
  return title
    .replace(/^\s*(?:(?:chapter|appendix)\s+)?(?:\d+|[A-Z])(?:\.\d+)*\.?\s+/i, '')
    .replace(/[\s\p{P}]+/gu, '')
    .toLowerCase();
}
