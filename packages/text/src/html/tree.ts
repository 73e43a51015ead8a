/** An element of a page; a string among its children is text with its entities decoded. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly classes: ReadonlySet<string>;
  readonly children: (Element | string)[];
  readonly parent: Element | undefined;
  /** Its place among the children of `parent`. */
  readonly index: number;
  /** Characters of text that a reader sees, without what is left out; set by `measure`. */
  text: number;
  /** How many of them are links. */
  linked: number;
  /** Rule by which the element is left out; '' when it holds nothing for readers anyway. */
  loss: string | undefined;
}

export type Node = Element | string;

export function isElement(node: Node | undefined): node is Element {
  return typeof node === 'object';
}

export function elementsIn(element: Element): Element[] {
  return element.children.filter(isElement);
}

export function find(element: Element, matches: (element: Element) => boolean): Element | undefined {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    const found = matches(child) ? child : find(child, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All that match, in document order. */
export function findAll(
  element: Element,
  matches: (element: Element) => boolean,
  found: Element[] = [],
): Element[] {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (matches(child)) found.push(child);
    findAll(child, matches, found);
  }
  return found;
}

/** The letters of an element as they stand in the source, left-out elements and `<br>` included. */
export function rawText(node: Node): string {
  if (typeof node === 'string') return node;
  if (node.name === 'br') return '\n';
  return node.children.length === 1 ? rawText(node.children[0] ?? '') : node.children.map(rawText).join('');
}

export function hasAncestor(element: Element, matches: (element: Element) => boolean): boolean {
  for (let at = element.parent; at !== undefined; at = at.parent) if (matches(at)) return true;
  return false;
}

/** `role` of an element in lower case; the first when there are several. */
export function roleOf({ attributes }: Element): string {
  return attributes['role']?.trim().toLowerCase().split(/\s/, 1)[0] ?? '';
}

/** The element or text that comes `step` places after it. */
export function siblingOf({ parent, index }: Element, step: number): Node | undefined {
  return parent?.children[index + step];
}
