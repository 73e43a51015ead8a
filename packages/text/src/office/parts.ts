import { resolvePart } from '../container/entry-path.ts';
import type { Zip } from '../container/open-zip.ts';
import { attribute, elements, find, parseXml, textOf, type XmlElement } from '../container/parse-xml.ts';

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
  const relations = zip.read(`${folder}_rels/${name.slice(folder.length)}.rels`);
  if (relations === undefined) return [];
  return elements(parseXml(relations))
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
  const bytes = part === undefined ? undefined : zip.read(part.name);
  return part === undefined || bytes === undefined ? undefined : { name: part.name, root: parseXml(bytes) };
}

/** What programs write as the title of a file that its author gave none. */
const NO_TITLE =
  /^(untitled|document ?\d*|presentation ?\d*|powerpoint presentation|microsoft word - .*|book ?\d*|)$/i;

/** Title and language that the author stated; undefined where a program filled them in. */
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
