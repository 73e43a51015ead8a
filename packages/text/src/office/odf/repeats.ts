import { attribute, type XmlElement } from '../../container/parse-xml.ts';

/** A row may state that it is repeated a million times. */
const MAX_REPEATS = 100;

/** How many times a row or a cell of a table stands there. */
export function repeats(element: XmlElement, of: 'rows' | 'columns'): number {
  return Math.min(Math.max(Number(attribute(element, `number-${of}-repeated`) ?? 1) || 1, 1), MAX_REPEATS);
}
