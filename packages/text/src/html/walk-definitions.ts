import type { DocumentWriter } from '../writer.ts';
import { HEADING } from './tags.ts';
import { type Element, elementsIn, find, rawText } from './tree.ts';
import type { Pending, Walk } from './walk.ts';

interface Group {
  /** Terms whose body has not come yet. */
  readonly terms: string[];
  /** Index of the definition above, to which further bodies belong; -1 for none. */
  last: number;
}

/** Terms and what is said of them. */
export function walkDefinitions(walk: Walk, list: Element): void {
  walk.settle();
  if (isListOfMarks(list)) {
    walkItems(walk, list);
    return;
  }
  const group: Group = { terms: [], last: -1 };
  walkGroup(walk, list, group);
  writeTerms(walk, group);
}

function walkGroup(walk: Walk, element: Element, group: Group): void {
  for (const child of element.children) {
    if (typeof child === 'string') walk.buffer.text(child);
    else if (child.loss !== undefined) walk.element(child);
    else if (child.name === 'dt') takeTerm(walk, child, group);
    else if (child.name === 'dd') walkBody(walk, child, group);
    else if (child.name === 'div') walkGroup(walk, child, group);
    else if (isMark(walk, child)) walk.anchor(child);
    else {
      writeTerms(walk, group);
      walk.element(child);
    }
  }
}

/** The bullet or number of an item. An "o" alone may be a term, so that all in a list must be marks. */
const MARK = /^\s*(?:[o*•·◦▪‣∙–-]|(\d{1,3})[.)])\s*$/;

/** Manual pages know no lists, and write these as terms that are a bullet or a number. */
function isListOfMarks(list: Element): boolean {
  const terms = elementsIn(list).filter(({ name, text }) => name === 'dt' && text > 0);
  return terms.length > 0 && terms.every((term) => MARK.test(rawText(term)));
}

function walkItems(walk: Walk, list: Element): void {
  const { writer, listDepth: depth } = walk;
  const { parent } = writer;
  const number = writer.openList();
  let mark: Element | undefined;
  for (const child of elementsIn(list)) {
    if (child.name === 'dt' && child.text > 0) mark = child;
    if (child.name === 'dt') continue;
    walk.flush();
    writer.parent = parent;
    const place = { list: number, depth, ordinal: mark && ordinalOf(mark) };
    walk.listDepth = depth + 1;
    const write = (text: string) => writer.item(text, place);
    if (mark === undefined) walk.element(child);
    else walk.hold({ standsAlone: place.ordinal !== undefined, write }, () => walk.element(child));
    walk.listDepth = depth;
    mark = undefined;
  }
  walk.flush();
  writer.parent = parent;
}

function ordinalOf(mark: Element): number | undefined {
  const [, digits] = MARK.exec(rawText(mark)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** DocBook puts a place to link to between a term and its body. */
function isMark(walk: Walk, element: Element): boolean {
  return (
    element.name === 'a' &&
    element.children.every((child) => typeof child === 'string') &&
    walk.plain(element) === ''
  );
}

/** A heading among the terms stays one. */
function takeTerm(walk: Walk, element: Element, group: Group): void {
  walk.flush();
  group.last = -1;
  if (find(element, ({ name }) => HEADING.has(name)) !== undefined) {
    writeTerms(walk, group);
    walk.element(element);
    return;
  }
  walk.anchor(element);
  const term = walk.plain(element).replace(/\s*:$/, '');
  if (term !== '') group.terms.push(term);
}

function walkBody(walk: Walk, element: Element, group: Group): void {
  walk.flush();
  const { writer } = walk;
  const { parent } = writer;
  if (group.terms.length === 0) {
    if (group.last !== -1) writer.parent = group.last;
    walk.element(element);
    writer.parent = parent;
    return;
  }
  const term = group.terms.splice(0).join(', ');
  const pending = element.parent?.classes.has('footnote')
    ? pendingNote(writer, term)
    : pendingTerm(writer, term);
  const write = (text: string) => {
    group.last = pending.write(text);
    return group.last;
  };
  walk.hold({ ...pending, write }, () => walk.element(element));
}

function writeTerms(walk: Walk, { terms }: Group): void {
  for (const term of terms.splice(0)) walk.writer.paragraph(term);
}

/** A term whose definition comes; a term that is only named is a paragraph. */
export function pendingTerm(writer: DocumentWriter, term: string): Pending {
  return {
    standsAlone: true,
    write: (text) => writer.definition(term, text),
    writeAlone: () => void writer.paragraph(term),
  };
}

function pendingNote(writer: DocumentWriter, term: string): Pending {
  const label = term.replace(/^\[(.*)\]$/, '$1');
  return { standsAlone: false, write: (text) => writer.note(text, label) };
}
