import type { Element } from './layout.ts';

/** Lines at each edge of a page that can belong to its head or foot. */
const EDGE_LINES = 3;
/** Distance in points within which two lines stand at the same height. */
const SAME_HEIGHT = 4;

interface EdgeLine {
  readonly element: Element & { readonly kind: 'line' };
  readonly key: string;
  /** 0 for the outermost line. */
  readonly rank: number;
  /** Number at its beginning or end less that of the page; the same on every page for a page number. */
  readonly offsets: readonly number[];
}

/**
 * The lines that are heads and feet of pages: they stand at the same height on several pages, with the same words but
 * for numbers, or with the number of the page.
 */
export function findPageHeads(
  pages: readonly (readonly Element[])[],
  bodySize: number,
): ReadonlySet<Element> {
  const edges = pages.map(edgeLines);
  const counts = pagesWith(edges);
  const offset = commonOffset(edges);
  const enough = Math.min(3, Math.max(2, pages.length));
  const heads = new Set<Element>();
  for (const [index, lines] of edges.entries()) {
    for (const { element, key, rank, offsets } of lines) {
      const isRepeated = (counts.get(key) ?? 0) >= enough;
      const isNumbered = rank === 0 && offset !== undefined && offsets.includes(offset);
      // The title of several slides, or the words at the top of each form: the first is kept.
      const isText = rank > 0 || element.line.size > 1.15 * bodySize || element.line.text.length > 100;
      const isKept = isText && !edges[index - 1]?.some((one) => one.key === key);
      if (isNumbered || (isRepeated && !isKept)) heads.add(element);
    }
  }
  return heads;
}

function edgeLines(elements: readonly Element[]): EdgeLine[] {
  const lines = elements.filter((one) => one.kind === 'line').toSorted((a, b) => a.y - b.y);
  const levels = [...new Set(lines.map(({ y }) => Math.round(y)))];
  const [top, bottom] = [levels.slice(0, EDGE_LINES), levels.slice(-EDGE_LINES).reverse()];
  return lines.flatMap((element) => {
    const [head = -1, foot = -1] = [top, bottom].map((edge) => edge.indexOf(Math.round(element.y)));
    const isHead = head !== -1 && (foot === -1 || head <= foot);
    const rank = isHead ? head : foot;
    if (rank === -1) return [];
    const side = isHead ? 'head' : 'foot';
    const { text } = element.line;
    const words = text.replace(/\d+/g, '#').replace(/^[ivxlc]+$/i, '#');
    const numbers = [/^\d+(?=\s|$)/.exec(text), /(?<=\s|^)\d+$/.exec(text)];
    return [
      {
        element,
        rank,
        key: `${side} ${Math.round(element.y / SAME_HEIGHT)} ${words}`,
        offsets: numbers.flatMap((one) => (one === null ? [] : [Number(one[0]) - element.page])),
      },
    ];
  });
}

/** Number of pages that have a line at their edge. */
function pagesWith(edges: readonly (readonly EdgeLine[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of edges.flatMap((lines) => [...new Set(lines.map((line) => line.key))])) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function commonOffset(edges: readonly (readonly EdgeLine[])[]): number | undefined {
  const counts = new Map<number, number>();
  for (const lines of edges) {
    const found = new Set(lines.filter(({ rank }) => rank === 0).flatMap(({ offsets }) => offsets));
    for (const offset of found) counts.set(offset, (counts.get(offset) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best !== undefined && best[1] >= Math.max(3, edges.length / 4) ? best[0] : undefined;
}
