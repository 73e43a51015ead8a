import { type Element, elementsIn, findAll, isElement, roleOf, siblingOf } from './tree.ts';

/** Which tab opens a panel. The row of tabs itself is left out then: each panel begins with the name of its tab. */
export function pairTabs(root: Element): ReadonlyMap<Element, Element> {
  const pairs = new Map<Element, Element>();
  const panels = new Map<string, Element>();
  const rows = new Map<Element, Element[]>();
  for (const element of findAll(root, ({ loss }) => loss === undefined)) {
    const { id } = element.attributes;
    if (id !== undefined) panels.set(id, element);
    const row = rowOf(element);
    if (row !== undefined) rows.set(row, [...(rows.get(row) ?? []), element].slice(0, MAX_TABS));
  }
  for (const [row, tabs] of rows) if (tabs.length < MAX_TABS) pairRow(row, tabs, { panels, pairs });
  return pairs;
}

const MAX_TABS = 50;
/** A label, an input and white space behind each for every tab. */
const MAX_ROW = 4 * MAX_TABS;

/** The element that holds a tab beside others: tabs by role, or labels that switch between boxes. */
function rowOf(element: Element): Element | undefined {
  const { parent } = element;
  if (roleOf(element) === 'tab') {
    const isAlone = parent?.name === 'li';
    return isAlone ? parent.parent : parent;
  }
  const isSwitch =
    element.name === 'label' && element.attributes['for'] !== undefined && parent !== undefined;
  const isRow =
    isSwitch &&
    parent.children.length <= MAX_ROW &&
    elementsIn(parent).every(({ name }) => name === 'label' || name === 'input');
  return isRow ? parent : undefined;
}

interface Found {
  readonly panels: ReadonlyMap<string, Element>;
  readonly pairs: Map<Element, Element>;
}

function pairRow(row: Element, tabs: readonly Element[], { panels, pairs }: Found): void {
  if (tabs.length < 2) return;
  const named = tabs.map((tab) => panels.get(targetOf(tab)));
  const found = named.every(isElement) ? named : panelsBeside(row, tabs.length);
  if (found.length !== tabs.length || new Set(found).size !== tabs.length) return;
  for (const [index, panel] of found.entries()) pairs.set(panel as Element, tabs[index] as Element);
  row.loss = '';
}

function targetOf({ name, attributes }: Element): string {
  if (name === 'label') return '';
  const target =
    attributes['aria-controls'] ??
    attributes['data-bs-target'] ??
    attributes['data-target'] ??
    attributes['href'] ??
    '';
  return target.replace(/^#/, '');
}

/** As many panels as there are tabs, in the elements that follow the row. */
function panelsBeside(row: Element, count: number): Element[] {
  let at: Element | undefined = row;
  for (let depth = 0; depth < 3 && at !== undefined; depth += 1) {
    const next = [1, 2].map((step) => siblingOf(at as Element, step)).find(isElement);
    if (next !== undefined) {
      const panels = findAll(next, (element) => roleOf(element) === 'tabpanel');
      const boxes =
        panels.length > 0
          ? panels
          : elementsIn(next).filter(({ loss, text }) => loss === undefined && text > 0);
      return boxes.length === count ? boxes : [];
    }
    at = at.parent;
  }
  return [];
}
