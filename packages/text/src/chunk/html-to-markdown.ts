import type { Element, Root } from 'hast';
import rehypeParse from 'rehype-parse';
import rehypeRemark from 'rehype-remark';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { shallowPieces } from './html-pieces.ts';

export interface HtmlText {
  readonly title: string | undefined;
  readonly markdown: string;
}

/** The text that is stored for an HTML document: its body as markdown. Unclosed and deeply nested tags are repaired. */
export function htmlToMarkdown(html: string): HtmlText {
  let title: string | undefined;
  const pieces = shallowPieces(html).map((piece) => {
    const tree = parser.parse(piece);
    title ??= findTitle(tree);
    dropUnreadable(tree);
    return converter.stringify(converter.runSync(tree));
  });
  return { title, markdown: pieces.filter((piece) => piece !== '').join('\n') };
}

const parser = unified().use(rehypeParse).freeze();
const converter = unified()
  .use(rehypeRemark)
  .use(remarkGfm, { tablePipeAlign: false, tableCellPadding: true })
  .use(remarkStringify, { bullet: '-', fences: true, rule: '-', emphasis: '_' })
  .freeze();

function findTitle(tree: Root): string | undefined {
  const html = tree.children.find(
    (node): node is Element => node.type === 'element' && node.tagName === 'html',
  );
  const head = html?.children.find(
    (node): node is Element => node.type === 'element' && node.tagName === 'head',
  );
  const title = head?.children.find(
    (node): node is Element => node.type === 'element' && node.tagName === 'title',
  );
  const [text] = title?.children ?? [];
  const plain = text?.type === 'text' ? text.value.replace(/\s+/g, ' ').trim() : '';
  return plain === '' ? undefined : plain.slice(0, 1000);
}

const UNREADABLE = new Set(['head', 'audio', 'canvas', 'dialog', 'map', 'select', 'video']);

/** Removes scripts, styles and the like, and images with inline data. */
function dropUnreadable(parent: Root | Element): void {
  const kept = parent.children.filter((node) =>
    node.type === 'element' ? isReadable(node) : node.type === 'text',
  );
  parent.children = kept as typeof parent.children;
  for (const node of kept) {
    if (node.type === 'element') dropUnreadable(node);
  }
}

function isReadable(element: Element): boolean {
  if (UNREADABLE.has(element.tagName)) return false;
  if (element.properties['hidden'] === true) return false;
  const { src } = element.properties;
  return element.tagName !== 'img' || typeof src !== 'string' || !/^\s*data:/i.test(src);
}
