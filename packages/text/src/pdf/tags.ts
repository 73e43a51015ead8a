import type { PageRegion } from './continues.ts';
import { greatest, least } from './extent.ts';
import type { Flow } from './flow.ts';
import { layOut, linesOf } from './layout.ts';
import type { Line } from './line-parts.ts';
import type { Fragment } from './load-page.ts';
import { markerOf } from './marker.ts';
import { HEADING, idsOf, type Node, type TaggedPage } from './tagged-page.ts';

const BLOCKS = /^(?:H\d?|Title|P|L|LI|Table|Figure|BlockQuote|Caption|Note|FENote|TOCI)$/;

/** Writes a page as its tags say; what they call neither heading, paragraph, list nor table is read by position. */
export function writeTaggedPage(page: TaggedPage, flow: Flow): void {
  new TagWalk(page, flow).visitAll([page.root]);
}

class TagWalk {
  readonly #page: TaggedPage;
  readonly #flow: Flow;
  readonly #place: PageRegion;
  #lists: number[] = [];

  constructor(page: TaggedPage, flow: Flow) {
    this.#page = page;
    this.#flow = flow;
    const all = [...page.contents.values()].flat();
    const left = least(all.map(({ x }) => x));
    const right = greatest(all.map(({ x, width }) => x + width));
    this.#place = { page: page.number, region: { left, right }, right };
  }

  /** Neighbours that are no blocks of their own are read together. */
  visitAll(nodes: readonly Node[]): void {
    let loose: Node[] = [];
    const readLoose = () => {
      const page = { number: this.#page.number, drawing: { rulings: [], hasImage: false } };
      this.#flow.add(
        layOut(
          loose.flatMap((one) => this.#fragments(one)),
          page,
        ),
      );
      loose = [];
    };
    for (const node of nodes) {
      if (!hasBlocks(node)) {
        loose.push(node);
        continue;
      }
      readLoose();
      this.#visit(node);
    }
    readLoose();
  }

  #visit(node: Node): void {
    const { role = '', children = [], alt } = node;
    const heading = HEADING.exec(role);
    const lines = () => this.#lines(node);
    if (heading !== null) this.#flow.put('heading', lines(), this.#place, Number(heading[1] ?? 2));
    else if (role === 'Title') this.#flow.put('heading', lines(), this.#place, 1);
    else if (role === 'L') this.#list(children);
    else if (role === 'Table') this.#table(node);
    else if (role === 'Figure') this.#figure(children, alt);
    else if (role === 'Caption') this.#flow.put('caption', lines(), this.#place);
    else if (/Note$/.test(role)) this.#flow.note(lines(), this.#place);
    else if (role === 'BlockQuote' && !children.some(hasBlocks))
      this.#flow.put('quote', lines(), this.#place);
    else if (isText(role) && !children.some(hasBlocks)) this.#text(lines());
    else this.visitAll(children);
  }

  #text(lines: readonly Line[]): void {
    const { style } = this.#flow;
    const isCode = lines.length > 0 && lines.every((line) => style.isCode(line));
    const first = lines[0];
    const level =
      first === undefined || style.hasHeadingTags ? undefined : style.headingLevel(first, this.#page.number);
    if (isCode) this.#flow.put('code', lines, this.#place);
    else if (level !== undefined && lines.length < 4) this.#flow.put('heading', lines, this.#place, level);
    else this.#flow.put('paragraph', lines, this.#place);
  }

  #list(items: readonly Node[]): void {
    this.#flow.close();
    this.#lists.push(this.#flow.writer.openList());
    for (const item of items) {
      if (item.role === 'LI') this.#item(item.children ?? []);
      else this.visitAll([item]);
    }
    this.#flow.close();
    this.#lists.pop();
  }

  /** What stands before the first list, table or second paragraph of an item is its text. */
  #item(children: readonly Node[]): void {
    const { writer } = this.#flow;
    this.#flow.close();
    const outer = this.#flow.blocks.holder;
    writer.parent = outer;
    const parts = children.flatMap((one) =>
      one.role === 'LBody' && (one.children ?? []).some(hasBlocks) ? (one.children ?? []) : [one],
    );
    const isInner = (one: Node) => hasBlocks(one) && one.role !== 'P';
    const paragraphs = parts.flatMap((one, index) => (one.role === 'P' ? [index] : []));
    const ends = [parts.findIndex(isInner), paragraphs[1] ?? -1].filter((at) => at !== -1);
    const end = Math.min(...ends, parts.length);
    const [first, ...more] = this.#lines({ children: parts.slice(0, end) });
    const marker = first === undefined ? undefined : markerOf(first);
    const lines = first === undefined ? [] : [marker?.rest ?? first, ...more];
    const text = this.#flow.textOf(lines);
    writer.page = this.#page.number;
    const index = writer.item(text, {
      list: this.#lists.at(-1) ?? 0,
      depth: this.#lists.length - 1,
      ordinal: marker?.ordinal,
    });
    this.#flow.blocks.holder = index;
    this.visitAll(parts.slice(end));
    this.#flow.close();
    this.#flow.blocks.holder = outer;
  }

  #table({ children = [] }: Node): void {
    const rows = children
      .flatMap(rowsOf)
      .map(({ children: cells = [] }) => cells.filter(({ role }) => /^T[HD]$/.test(role ?? '')));
    const [first = []] = rows;
    const hasHeader = rows.length > 1 && first.length > 0 && first.every(({ role }) => role === 'TH');
    for (const one of children)
      if (one.role === 'Caption') this.#flow.put('caption', this.#lines(one), this.#place);
    const cells = rows.map((row) => row.map((cell) => this.#lines(cell)));
    if (cells.length > 0) this.#flow.table({ cells, hasHeader }, this.#page.number);
  }

  #figure(children: readonly Node[], alt: string | undefined): void {
    if (alt !== undefined && alt.trim() !== '') {
      this.#flow.close();
      this.#flow.writer.page = this.#page.number;
      this.#flow.writer.caption(alt);
    }
    this.visitAll(children);
  }

  #lines(node: Node): Line[] {
    return linesOf(this.#fragments(node));
  }

  #fragments(node: Node): Fragment[] {
    return idsOf(node).flatMap((id) => this.#page.contents.get(id) ?? []);
  }
}

function rowsOf(node: Node): Node[] {
  if (node.role === 'TR') return [node];
  return /^T(?:Head|Body|Foot)$/.test(node.role ?? '') ? (node.children ?? []).flatMap(rowsOf) : [];
}

function isText(role: string): boolean {
  return /^(?:P|TOCI|LI)$/.test(role);
}

function hasBlocks(node: Node): boolean {
  return BLOCKS.test(node.role ?? '') || (node.children ?? []).some(hasBlocks);
}
