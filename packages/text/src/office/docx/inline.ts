import {
  attribute,
  descendants,
  elements,
  find,
  textOf,
  type XmlElement,
} from '../../container/parse-xml.ts';
import { linearFormula } from '../formula.ts';
import { emptyInline, type Inline } from '../inline.ts';
import { isHidden, type Styles } from './styles.ts';
import { symbol } from './symbol.ts';

export interface InlineOptions {
  readonly styles: Styles;
  /** Whether the style of the paragraph sets code. */
  readonly isCode: boolean;
  /** The mark that stands for a note, by its kind and id: "footnote 2". */
  markOf(note: string): string;
}

export function readInline(paragraph: XmlElement, options: InlineOptions): Inline {
  const inline = emptyInline();
  readChildren(paragraph, inline, options);
  return inline;
}

function readChildren(parent: XmlElement | undefined, inline: Inline, options: InlineOptions): void {
  for (const child of elements(parent)) {
    if (child.name === 'r') readRun(child, inline, options);
    else if (child.name === 'oMath') inline.runs.push({ text: linearFormula(child), isFormula: true });
    else if (child.name === 'del' || child.name === 'moveFrom')
      inline.losses.push({ rule: 'deleted', text: textOf(child) });
    else if (child.name === 'AlternateContent') readChildren(alternative(child), inline, options);
    else if (!child.name.endsWith('Pr')) readChildren(child, inline, options);
  }
}

/** The same content twice, for newer and for older programs. */
function alternative(element: XmlElement): XmlElement | undefined {
  return find(element, 'Choice') ?? find(element, 'Fallback');
}

function readRun(run: XmlElement, inline: Inline, options: InlineOptions): void {
  const { styles } = options;
  const properties = find(run, 'rPr');
  const id = attribute(find(properties, 'rStyle'), 'val');
  const style = id === undefined ? undefined : styles.of(id);
  if (isHidden(properties) ?? style?.isHidden) {
    inline.losses.push({ rule: 'hidden', text: textOf(run) });
    return;
  }
  const isCode = styles.isCode(properties) ?? (style?.isCode || options.isCode);
  const align = attribute(find(properties, 'vertAlign'), 'val');
  const shift = align === 'superscript' ? 'up' : align === 'subscript' ? 'down' : undefined;
  for (const child of elements(run)) {
    const text = TEXTS[child.name]?.(child);
    if (text !== undefined) inline.runs.push({ text, isCode, shift });
    else readObject(child, inline, options);
  }
}

const TEXTS: Readonly<Record<string, (element: XmlElement) => string>> = {
  t: textOf,
  tab: () => '\t',
  ptab: () => '\t',
  br: (element) => (attribute(element, 'type') === 'page' ? ' ' : '\n'),
  cr: () => '\n',
  noBreakHyphen: () => '-',
  sym: (element) => symbol(attribute(element, 'font') ?? '', attribute(element, 'char') ?? ''),
  ruby: (element) => {
    const [base, reading] = ['rubyBase', 'rt'].map((name) =>
      descendants(element, name)
        .flatMap((part) => descendants(part, 't'))
        .map(textOf)
        .join(''),
    );
    return reading === '' ? (base ?? '') : `${base}(${reading})`;
  },
};

function readObject(element: XmlElement, inline: Inline, options: InlineOptions): void {
  if (element.name === 'footnoteReference' || element.name === 'endnoteReference') {
    const kind = element.name.replace('Reference', '');
    inline.runs.push({ text: options.markOf(`${kind} ${attribute(element, 'id')}`) });
  } else if (['drawing', 'pict', 'object', 'AlternateContent'].includes(element.name)) {
    const shown = element.name === 'AlternateContent' ? alternative(element) : element;
    if (shown === undefined) return;
    inline.boxes.push(...descendants(shown, 'txbxContent'));
    const described = descendants(shown, 'docPr').map((picture) => attribute(picture, 'descr') ?? '');
    inline.descriptions.push(
      ...described.map((text) => text.replace(/\s*Description automatically generated.*$/s, '')),
    );
  }
}
