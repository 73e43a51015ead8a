import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as toPlainText } from 'mdast-util-to-string';

/** A heading that is all one link, as those of crawled pages are. */
const LINK = /^\[([^[\]*_`<>\\&!]+)\]\([^()\s<>\\&]*\)$/;
const MARKUP = /[*_`[\]<>\\&]/;

/** A heading as it reads: `Use *this* [link](x)` is "Use this link". */
export function inlineText(markup: string): string {
  const text = LINK.exec(markup)?.[1] ?? markup;
  const plain = MARKUP.test(text) ? toPlainText(fromMarkdown(text), { includeHtml: false }) : text;
  return plain.replace(/\s+/g, ' ').trim();
}
