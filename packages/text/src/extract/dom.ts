import { parseHTML } from 'linkedom';

/** The part of the DOM that extraction uses, so that the rest of the app is not given a browser's globals. */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly parentNode: DomElement | null;
  readonly nextSibling: DomNode | null;
  readonly childNodes: ArrayLike<DomNode> & Iterable<DomNode>;
  textContent: string | null;
  remove(): void;
  replaceWith(...nodes: (DomNode | string)[]): void;
}

export interface DomElement extends DomNode {
  readonly children: ArrayLike<DomElement> & Iterable<DomElement>;
  readonly firstElementChild: DomElement | null;
  readonly previousElementSibling: DomElement | null;
  readonly nextElementSibling: DomElement | null;
  readonly outerHTML: string;
  innerHTML: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  normalize(): void;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  hasAttribute(name: string): boolean;
  matches(selector: string): boolean;
  closest(selector: string): DomElement | null;
  contains(other: DomNode): boolean;
  append(...nodes: (DomNode | string)[]): void;
  prepend(...nodes: (DomNode | string)[]): void;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): ArrayLike<DomElement> & Iterable<DomElement>;
  getElementsByTagName(name: string): ArrayLike<DomElement> & Iterable<DomElement>;
}

export interface DomDocument {
  readonly documentElement: DomElement;
  readonly body: DomElement;
  createElement(name: string): DomElement;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): ArrayLike<DomElement> & Iterable<DomElement>;
}

export const ELEMENT_NODE = 1;
export const TEXT_NODE = 3;

/** Parses a page; one that is only a fragment gets the frame that every consumer of a document expects. */
export function parseDocument(html: string): DomDocument {
  const isWhole = /<body[\s>]/i.test(html) && /<html[\s>]/i.test(html);
  const source = isWhole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`;
  const { document } = parseHTML(source) as unknown as { document: DomDocument };
  // linkedom keeps the case of attribute names.
  if (/\s[A-Z]+\s*=/.test(html)) lowerAttributeNames(document.documentElement);
  // It begins a new text at each character reference; words must be whole to be escaped and measured.
  document.documentElement.normalize();
  return document;
}

/** All elements below, in document order, as they are now. */
export function elementsOf(root: DomElement): DomElement[] {
  return [...root.querySelectorAll('*')];
}

function lowerAttributeNames(root: DomElement): void {
  for (const element of [root, ...elementsOf(root)]) {
    for (const { name, value } of [...element.attributes]) {
      const lower = name.toLowerCase();
      if (lower === name) continue;
      element.removeAttribute(name);
      if (!element.hasAttribute(lower)) element.setAttribute(lower, value);
    }
  }
}

/** Length of an element's text, with runs of white space counted once. */
export function textLength(element: DomNode | null): number {
  return (element?.textContent ?? '').replace(/\s+/g, ' ').trim().length;
}
