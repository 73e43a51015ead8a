import { isCodeFont } from '../../code-font.ts';
import { attribute, descendants, elements, find, type XmlElement } from '../../container/parse-xml.ts';
import type { NumberFormat } from '../../format-number.ts';
import type { Run } from '../../runs.ts';
import { type Role, roleOfStyle } from '../style-role.ts';

/** A style with everything that it inherits. */
export interface Style {
  readonly role?: Role | undefined;
  readonly isCode: boolean;
  readonly shift: Run['shift'];
  /** Of a sheet, a slide or a piece of text. */
  readonly isHidden: boolean;
}

export interface Styles {
  of(name: string | undefined): Style;
  /** Whether items of a list have numbers at a level, counted from 0. */
  /** Undefined for bullets and for a list that shows nothing. */
  numberFormat(list: string | undefined, level: number): NumberFormat | undefined;
}

export const NO_STYLE: Style = { isCode: false, shift: undefined, isHidden: false };

/** Styles of an OpenDocument file by name, from all its parts. */
export function readStyles(roots: readonly (XmlElement | undefined)[]): Styles {
  const groups = roots.flatMap((root) => ['styles', 'automatic-styles'].map((name) => find(root, name)));
  const byName = new Map(
    groups.flatMap((group) => elements(group, 'style')).map((style) => [attribute(style, 'name'), style]),
  );
  const lists = new Map(
    groups.flatMap((group) => elements(group, 'list-style')).map((list) => [attribute(list, 'name'), list]),
  );
  const resolved = new Map<string, Style>();
  const of = (name: string | undefined): Style => {
    const style = byName.get(name);
    if (name === undefined) return NO_STYLE;
    if (style === undefined) return { ...NO_STYLE, role: roleOfStyle(decodeName(name)) };
    const known = resolved.get(name);
    if (known !== undefined) return known;
    // Put first, so that a style that is its own parent ends.
    resolved.set(name, NO_STYLE);
    const whole = inherit(style, of(attribute(style, 'parent-style-name')));
    resolved.set(name, whole);
    return whole;
  };
  return {
    of,
    numberFormat: (list, level) => {
      const style = elements(lists.get(list)).find(
        (each) => each.name.endsWith('style-number') && attribute(each, 'level') === String(level + 1),
      );
      const format = style && (attribute(style, 'num-format') ?? '1');
      return format === '' ? undefined : (format as NumberFormat | undefined);
    },
  };
}

function inherit(style: XmlElement, base: Style): Style {
  const text = find(style, 'text-properties');
  const name = decodeName(attribute(style, 'display-name') ?? attribute(style, 'name') ?? '');
  const role = roleOfStyle(name) ?? base.role;
  const position = attribute(text, 'text-position');
  const font = attribute(text, 'font-name') ?? attribute(text, 'font-family');
  const display = attribute(find(style, 'table-properties'), 'display') ?? attribute(text, 'display');
  const visibility = attribute(find(style, 'drawing-page-properties'), 'visibility');
  return {
    role,
    isCode: role === 'code' || (font === undefined ? base.isCode : isCodeFont(font)),
    shift: position === undefined ? base.shift : shiftOf(position),
    isHidden: display === 'false' || display === 'none' || visibility === 'hidden',
  };
}

/** Letters that no name may hold are written by their number: "Text_20_body". */
function decodeName(name: string): string {
  return name.replace(/_([0-9a-f]{2})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** "super 58%", "sub 58%", or by how much of the letter's height. */
function shiftOf(position: string): Run['shift'] {
  if (position.startsWith('super')) return 'up';
  if (position.startsWith('sub')) return 'down';
  const percent = Number.parseFloat(position);
  return percent > 0 ? 'up' : percent < 0 ? 'down' : undefined;
}

/** Text of page heads and feet, which stand on every page. */
export function pageHeads(styles: XmlElement | undefined): XmlElement[] {
  return styles === undefined ? [] : ['header', 'footer'].flatMap((name) => descendants(styles, name));
}
