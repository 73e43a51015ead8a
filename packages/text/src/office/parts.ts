import { resolvePart } from '../container/entry-path.ts';
import type { Zip } from '../container/open-zip.ts';
import { parsePart } from '../container/parse-part.ts';
import { attribute, elements, find, textOf, type XmlElement } from '../container/parse-xml.ts';
import type { LossRule } from '../loss-rule.ts';
import type { DocumentWriter } from '../writer.ts';

/** A part of an Office Open XML package that another one refers to. */
export interface Part {
  readonly id: string;
  /** Last word of the relationship's type: "slide", "footnotes", "notesSlide", … */
  readonly type: string;
  /** Name of the entry in the archive. */
  readonly name: string;
}

/** The parts that a part refers to; '' stands for the package itself. Links out of the file are left out. */
export function partsOf(zip: Zip, name: string): Part[] {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const relations = parsePart(zip, `${folder}_rels/${name.slice(folder.length)}.rels`);
  return elements(relations)
    .filter((relation) => attribute(relation, 'TargetMode') !== 'External')
    .map((relation) => ({
      id: attribute(relation, 'Id') ?? '',
      type: (attribute(relation, 'Type') ?? '').replace(/^.*\//, ''),
      name: resolvePart(folder, attribute(relation, 'Target') ?? ''),
    }));
}

/** The root element of the first part of a type that `from` refers to, with the name of the part. */
export function openPart(
  zip: Zip,
  from: string,
  type: string,
): { name: string; root: XmlElement } | undefined {
  const part = partsOf(zip, from).find((each) => each.type === type);
  const root = part === undefined ? undefined : parsePart(zip, part.name);
  return part === undefined || root === undefined ? undefined : { name: part.name, root };
}

/** Kinds of parts whose text is no part of the document, by the rule that they are counted under. */
const LEFT_OUT: Readonly<Record<string, LossRule>> = {
  header: 'page-head',
  footer: 'page-head',
  comments: 'comment',
  threadedComment: 'comment',
  chart: 'chart',
  diagramData: 'diagram',
  drawing: 'drawing',
};

/** Counts the text of the parts that a part refers to and that are left out; `kept` are kinds that are read. */
export function countLeftOut(
  zip: Zip,
  name: string,
  writer: DocumentWriter,
  kept: readonly string[] = [],
): void {
  for (const { type, name: part } of partsOf(zip, name)) {
    const rule = kept.includes(type) ? undefined : LEFT_OUT[type];
    const root = rule === undefined ? undefined : parsePart(zip, part);
    if (rule === undefined || root === undefined) continue;
    writer.lose(rule, textOf(root).trim().length);
    // A drawing that refers to itself ends here.
    if (type === 'drawing') countLeftOut(zip, part, writer, ['drawing']);
  }
}

/** What programs write as the title of a file that its author gave none. */
const NO_TITLE =
  /^(untitled|document ?\d*|presentation ?\d*|powerpoint presentation|microsoft word - .*|book ?\d*|)$/i;

/** The title that the author stated; undefined where a program filled it in. */
export function statedTitle(properties: XmlElement | undefined): string | undefined {
  const title = textOf(find(properties, 'title')).trim();
  return NO_TITLE.test(title) ? undefined : title;
}

/** A switch of Office Open XML (ST_OnOff). */
export function isOn(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on';
}

/** The id of the part that an element refers to; its own id has no prefix. */
export function referenceOf(element: XmlElement): string {
  const key = Object.keys(element.attributes).find((name) => name.endsWith(':id'));
  return element.attributes[key ?? ''] ?? '';
}
