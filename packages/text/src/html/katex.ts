import { group, joinTerms, script } from './mathml.ts';
import { type Element, elementsIn, findAll, rawText } from './tree.ts';
import { visibleText } from './visible-text.ts';

/** A formula from KaTeX's layout, for pages that leave its MathML out. */
export function linearKatex(element: Element): string {
  return linear(element).replace(/\s+/g, ' ').trim();
}

function linear(element: Element): string {
  const { classes } = element;
  if (classes.has('msupsub')) return scripts(element);
  if (classes.has('mfrac')) {
    const [bottom = '', top = ''] = layers(element);
    return `${group(top)}/${group(bottom)}`;
  }
  if (classes.has('sqrt')) return `√${group(layers(element)[0] ?? '')}`;
  if (classes.has('strut') || classes.has('vlist-s') || classes.has('pstrut') || classes.has('frac-line'))
    return '';
  if (classes.has('mspace')) return ' ';
  const text = joinTerms(
    element.children.map((child) => (typeof child === 'string' ? child : linear(child))),
  );
  return classes.has('mbin') || classes.has('mrel') ? ` ${visibleText(text)} ` : visibleText(text);
}

/** With two rows of the layout something is lowered; the lowered part comes first. */
function scripts(element: Element): string {
  const parts = layers(element);
  const hasLowered = findAll(element, ({ classes }) => classes.has('vlist-t2')).length > 0;
  if (parts.length > 1) return script('_', parts[0] ?? '') + script('^', parts[1] ?? '');
  return script(hasLowered ? '_' : '^', parts[0] ?? '');
}

function layers(element: Element): string[] {
  const list = findAll(element, ({ classes }) => classes.has('vlist'))[0];
  if (list === undefined) return [rawText(element)];
  return elementsIn(list)
    .map(linear)
    .filter((text) => text.trim() !== '');
}
