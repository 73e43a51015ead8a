import type { Element, Node } from './tree.ts';

/** The elements with a declarative shadow root that the walk is inside of. */
export class ShadowHosts {
  readonly #open: { readonly host: Element; readonly filled: Set<string> }[] = [];

  /** The content of `host` is what its template says, with its own children in the slots. */
  enter(host: Element, showTemplate: () => void): void {
    this.#open.push({ host, filled: new Set() });
    showTemplate();
    this.#open.pop();
  }

  /** Shows the children of the host in the first slot of their name, as browsers do; any other shows its own content. */
  fill(slot: Element, show: (nodes: readonly Node[]) => void): void {
    const open = this.#open.pop();
    const name = slot.attributes['name'] ?? '';
    const assigned = open?.host.children.filter((child) => slotOf(child) === name) ?? [];
    const isFilled =
      open?.filled.has(name) === false &&
      assigned.some((child) => typeof child !== 'string' || child.trim() !== '');
    if (isFilled) open.filled.add(name);
    show(isFilled ? assigned : slot.children);
    if (open !== undefined) this.#open.push(open);
  }
}

/** Which slot shows a child of a host; undefined for its template. */
function slotOf(child: Node): string | undefined {
  if (typeof child === 'string') return '';
  return child.name === 'template' ? undefined : (child.attributes['slot'] ?? '');
}
