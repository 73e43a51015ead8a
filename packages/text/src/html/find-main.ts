import type { Generator } from './generators.ts';
import { descend } from './measure.ts';
import { type Element, find, roleOf } from './tree.ts';

/** Less text than this is no content where the page has much more. */
const ENOUGH = 200;

/** The element that holds a page's main content: by its generator, by its own hints, or by where its text is. */
export function findMain(root: Element, generator: Generator | undefined): Element {
  const body = find(root, ({ name }) => name === 'body') ?? root;
  return contentOfGenerator(body, generator) ?? hintedContent(body) ?? descend(body);
}

function contentOfGenerator(body: Element, generator: Generator | undefined): Element | undefined {
  for (const matches of generator?.content ?? []) {
    const element = matches(body) ? body : seen(body).find(matches);
    if (element !== undefined && holdsContent(element, body)) return element;
  }
  return undefined;
}

function hintedContent(body: Element): Element | undefined {
  const main = mostText(seen(body).filter((at) => at.name === 'main' || roleOf(at) === 'main'));
  const article = mostText(seen(main ?? body).filter(({ name }) => name === 'article'));
  const scope = main ?? body;
  if (article !== undefined && article.text > 0.7 * scope.text && holdsContent(article, body)) return article;
  return main !== undefined && holdsContent(main, body) ? main : undefined;
}

function mostText(elements: readonly Element[]): Element | undefined {
  return elements.reduce<Element | undefined>(
    (best, element) => (best === undefined || element.text > best.text ? element : best),
    undefined,
  );
}

function holdsContent(element: Element, body: Element): boolean {
  if (element.text === 0) return false;
  return element.text >= ENOUGH ? element.text >= 0.25 * body.text : element.text >= 0.5 * body.text;
}

/** The elements within that are not left out, in document order. */
function seen(element: Element, all: Element[] = []): Element[] {
  for (const child of element.children) {
    if (typeof child === 'string' || child.loss !== undefined) continue;
    all.push(child);
    seen(child, all);
  }
  return all;
}
