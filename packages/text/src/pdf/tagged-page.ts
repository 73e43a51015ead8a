import { ARTIFACT, type Fragment, type LoadedPage } from './load-page.ts';

export interface Node {
  readonly role?: string;
  readonly id?: string;
  readonly alt?: string;
  readonly children?: readonly Node[];
}

/** Text of a page by its tags, in the order of the document. */
export interface TaggedPage {
  readonly root: Node;
  readonly number: number;
  readonly contents: ReadonlyMap<string, readonly Fragment[]>;
}

/** Share of the letters that tags must reach: tags that miss more are not to be trusted. */
const MIN_REACHED = 0.98;

/** Undefined for a page without tags, or with tags that miss some of its text. */
export function taggedPage({ tags, directions, number }: LoadedPage): TaggedPage | undefined {
  const fragments = [...directions.values()].flat().filter(({ content }) => content !== ARTIFACT);
  if (tags === null || fragments.length === 0) return undefined;
  const root = tags as Node;
  const reached = new Set(idsOf(root));
  const isReached = ({ content }: Fragment) => content !== undefined && reached.has(content);
  const letters = (some: readonly Fragment[]) => some.reduce((sum, { text }) => sum + text.length, 0);
  if (letters(fragments.filter(isReached)) < MIN_REACHED * letters(fragments)) return undefined;
  const contents = Map.groupBy(fragments, ({ content }) => content ?? '');
  return { root, number, contents };
}

export function idsOf(node: Node): string[] {
  return node.id === undefined ? (node.children ?? []).flatMap(idsOf) : [node.id];
}

export const HEADING = /^H(\d)?$/;

export function hasHeadingTags({ root }: TaggedPage): boolean {
  const isHeading = (node: Node): boolean =>
    HEADING.test(node.role ?? '') || (node.children ?? []).some(isHeading);
  return isHeading(root);
}
