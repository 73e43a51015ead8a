import {
  attribute,
  descendants,
  elements,
  find,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { emptyInline, type Inline } from '../inline.ts';
import type { Style, Styles } from './styles.ts';

export interface InlineOptions {
  readonly styles: Styles;
  /** Of the paragraph. */
  readonly style: Style;
  /** The mark that stands for a note. */
  markOf(note: XmlElement): string;
  /** The formula in an object of the file, on one line; undefined for another kind of object. */
  formulaOf(object: XmlElement): string | undefined;
}

/** Longer runs of blanks are layout. */
const MAX_SPACES = 80;

export function readInline(paragraph: XmlElement, options: InlineOptions): Inline {
  const inline = emptyInline();
  readChildren(paragraph, inline, options);
  return inline;
}

function readChildren(parent: XmlElement, inline: Inline, options: InlineOptions): void {
  const { isCode, shift } = options.style;
  for (const child of parent.children) {
    if (typeof child === 'string') inline.runs.push({ text: child.replace(/\s+/g, ' '), isCode, shift });
    else readElement(child, inline, options);
  }
}

function readElement(element: XmlElement, inline: Inline, options: InlineOptions): void {
  const { styles, style } = options;
  const { isCode, shift } = style;
  switch (element.name) {
    case 's':
      inline.runs.push({
        text: ' '.repeat(Math.min(Number(attribute(element, 'c') ?? 1) || 1, MAX_SPACES)),
        isCode,
        shift,
      });
      return;
    case 'tab':
      inline.runs.push({ text: '\t', isCode });
      return;
    case 'line-break':
      inline.runs.push({ text: '\n', isCode });
      return;
    case 'span': {
      const own = styles.of(attribute(element, 'style-name'));
      if (own.isHidden) inline.losses.push({ rule: 'hidden', text: textOf(element) });
      else
        readChildren(element, inline, {
          ...options,
          style: { ...own, isCode: own.isCode || isCode, shift: own.shift ?? shift },
        });
      return;
    }
    case 'note':
      inline.runs.push({ text: options.markOf(element) });
      return;
    case 'annotation':
      inline.losses.push({ rule: 'comment', text: descendants(element, 'p').map(textOf).join(' ') });
      return;
    case 'ruby':
      inline.runs.push({
        text: `${textOf(find(element, 'ruby-base'))}(${textOf(find(element, 'ruby-text'))})`,
      });
      return;
    case 'frame':
      readFrame(element, inline, options);
      return;
    default:
      readChildren(element, inline, options);
  }
}

function readFrame(frame: XmlElement, inline: Inline, options: InlineOptions): void {
  const formula = elements(frame, 'object')
    .map(options.formulaOf)
    .find((text) => text !== undefined);
  if (formula !== undefined) inline.runs.push({ text: formula, isFormula: true });
  inline.boxes.push(...elements(frame, 'text-box'));
  if (formula === undefined)
    inline.descriptions.push(...['title', 'desc'].map((name) => textOf(find(frame, name)).trim()));
}
