import { attribute, type XmlElement } from '../../container/parse-xml.ts';
import type { RepeatBudget } from '../../repeat-budget.ts';

/** A row may state that it is repeated a million times. */
const MAX_REPEATS = 100;

interface Repeats {
  readonly of: 'rows' | 'columns';
  readonly budget: RepeatBudget;
}

/** Cells as often as an element of a table, which is a row or one cell, states that they stand there. */
export function repeated<Cell extends { readonly text: string }>(
  cells: readonly Cell[],
  element: XmlElement,
  { of, budget }: Repeats,
): (readonly Cell[])[] {
  const count = Math.min(Number(attribute(element, `number-${of}-repeated`) ?? 1) || 1, MAX_REPEATS);
  const all = [cells];
  while (all.length < count) {
    const again = budget.repeatAll(cells);
    if (again === undefined) break;
    all.push(again);
  }
  return all;
}
