import { isCodeFont } from '../../code-font.ts';
import { attribute, elements, find, type XmlElement } from '../../container/parse-xml.ts';
import { isOn } from '../parts.ts';
import { type Role, roleOfStyle } from '../style-role.ts';

/** A style with everything that it inherits. */
export interface Style {
  readonly role?: Role | undefined;
  /** Of a heading, 1 to 9. */
  readonly level?: number | undefined;
  readonly isCode: boolean;
  readonly isHidden: boolean;
  /** The list that the style numbers its paragraphs by. */
  readonly list?: string | undefined;
  readonly listLevel?: number | undefined;
  /** How deep its items are shown, where each depth has a list of its own. */
  readonly listDepth: number;
}

export interface Styles {
  /** Of a paragraph or of a run of text by its id; the default of paragraphs without one. */
  of(id: string | undefined): Style;
  /** What run properties say by themselves; undefined where they leave it to the style. */
  isCode(properties: XmlElement | undefined): boolean | undefined;
  readonly language: string | undefined;
}

const NO_STYLE: Style = { isCode: false, isHidden: false, listDepth: 0 };

/** Styles of a document (`styles.xml`), each with what it inherits. */
export function readStyles(root: XmlElement | undefined): Styles {
  const all = elements(root, 'style');
  const byId = new Map(all.map((style) => [attribute(style, 'styleId') ?? '', style]));
  const resolved = new Map<string, Style>();
  const first = all.find(
    (style) => attribute(style, 'type') === 'paragraph' && isOn(attribute(style, 'default')),
  );
  const defaults = find(root, 'docDefaults', 'rPrDefault', 'rPr');
  // A document that is set in a typewriter font all through says nothing by that font.
  const isTypescript = [defaults, find(first, 'rPr')].some((properties) => isCodeFont(fontOf(properties)));
  const isCode = (properties: XmlElement | undefined) => {
    const font = fontOf(properties);
    return font === undefined ? undefined : !isTypescript && isCodeFont(font);
  };
  return {
    of(id = attribute(first, 'styleId') ?? '') {
      const known = resolved.get(id);
      if (known !== undefined) return known;
      // Put first, so that a style that is based on itself ends.
      resolved.set(id, NO_STYLE);
      const style = byId.get(id);
      const base = attribute(find(style, 'basedOn'), 'val');
      const whole =
        style === undefined
          ? NO_STYLE
          : inherit(style, base === undefined ? NO_STYLE : this.of(base), isCode);
      resolved.set(id, whole);
      return whole;
    },
    isCode,
    language: attribute(find(defaults, 'lang'), 'val'),
  };
}

function inherit(style: XmlElement, base: Style, isCode: Styles['isCode']): Style {
  const name = attribute(find(style, 'name'), 'val') ?? '';
  const run = find(style, 'rPr');
  const role = roleOfStyle(name) ?? base.role;
  const list = find(style, 'pPr', 'numPr');
  const level = /^heading (\d)$/i.exec(name)?.[1];
  return {
    role,
    level: level === undefined ? (outlineLevel(find(style, 'pPr')) ?? base.level) : Number(level),
    isCode: role === 'code' || (isCode(run) ?? base.isCode),
    isHidden: isHidden(run) ?? base.isHidden,
    list: attribute(find(list, 'numId'), 'val') ?? base.list,
    listLevel: listLevel(list) ?? base.listLevel,
    listDepth: Number(/^list (?:bullet|number) ([2-5])$/i.exec(name)?.[1] ?? base.listDepth + 1) - 1,
  };
}

/** Level of a heading, from 1, by the outline level of paragraph properties; 9 stands for body text. */
export function outlineLevel(properties: XmlElement | undefined): number | undefined {
  const level = Number(attribute(find(properties, 'outlineLvl'), 'val') ?? 9);
  return level >= 0 && level < 9 ? level + 1 : undefined;
}

/** Level of an item in its list, from 0, by numbering properties; there are nine. */
export function listLevel(properties: XmlElement | undefined): number | undefined {
  const level = attribute(find(properties, 'ilvl'), 'val');
  return level === undefined ? undefined : Math.min(Math.max(Math.trunc(Number(level)) || 0, 0), 8);
}

/** Whether run properties hide the text; undefined where they do not say. */
export function isHidden(properties: XmlElement | undefined): boolean | undefined {
  const vanish = find(properties, 'vanish');
  return vanish === undefined ? undefined : isOn(attribute(vanish, 'val') ?? 'true');
}

function fontOf(properties: XmlElement | undefined): string | undefined {
  const fonts = find(properties, 'rFonts');
  return attribute(fonts, 'ascii') ?? attribute(fonts, 'hAnsi');
}
