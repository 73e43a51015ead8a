import { attribute, type XmlElement } from '../../container/parse-xml.ts';
import type { ItemPlace } from '../item-writer.ts';
import type { Styles } from './styles.ts';

/** The list around a paragraph. */
export interface List {
  readonly style: string | undefined;
  readonly depth: number;
  readonly key: string;
  count: number;
}

/** Counts the items of the lists of a text. */
export class Lists {
  readonly #styles: Styles;
  /** By their ids, and by their style and depth. */
  readonly #lists = new Map<string, List>();
  #count = 0;

  constructor(styles: Styles) {
    this.#styles = styles;
  }

  /** A list counts on from another one that it names, or from the last one of its style. */
  open(element: XmlElement, outer: List | undefined): List {
    const style = attribute(element, 'style-name') ?? outer?.style;
    const depth = (outer?.depth ?? -1) + 1;
    const last = `${style} ${depth}`;
    const goesOn = attribute(element, 'continue-numbering') === 'true';
    const before = attribute(element, 'continue-list') ?? (goesOn ? last : '');
    this.#count += 1;
    const list = this.#lists.get(before) ?? { style, depth, key: `list ${this.#count}`, count: 0 };
    this.#lists.set(last, list);
    const id = attribute(element, 'id');
    if (id !== undefined) this.#lists.set(id, list);
    return list;
  }

  /** Where the next item of a list stands. */
  place(list: List): ItemPlace {
    list.count += 1;
    const { key, depth, style, count } = list;
    const format = this.#styles.numberFormat(style, depth);
    return { key, depth, ...(format !== undefined && { ordinal: count, format }) };
  }
}
