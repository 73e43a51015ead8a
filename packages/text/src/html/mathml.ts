import { type Element, elementsIn, rawText } from './tree.ts';
import { visibleText } from './visible-text.ts';

/**
 * A formula on one line with its value kept: `(a)/(b)`, `x^2`, `√(y)`. Also reads the elements of MathJax, which are
 * named as those of MathML.
 */
export function linearMath(element: Element): string {
  return linear(element).replace(/\s+/g, ' ').trim();
}

function linear(element: Element): string {
  const parts = elementsIn(element);
  const part = (index: number) => (parts[index] === undefined ? '' : linear(parts[index]));
  switch (nameOf(element)) {
    case 'annotation':
    case 'annotation-xml':
    case 'mphantom':
    case 'mprescripts':
    case 'none':
      return '';
    case 'semantics':
      return part(0);
    case 'mfrac':
      return fraction(element, parts);
    case 'msqrt':
      return `√${group(joined(parts))}`;
    case 'mroot':
      return `${part(1) === '3' ? '∛' : part(1) === '4' ? '∜' : `root_${group(part(1))}`}${group(part(0))}`;
    case 'msup':
      return part(0) + script('^', part(1));
    case 'msub':
      return part(0) + script('_', part(1));
    case 'msubsup':
      return part(0) + script('_', part(1)) + script('^', part(2));
    case 'munder':
      return part(0) + script('_', part(1));
    case 'mover':
      return accent(part(0), part(1));
    case 'munderover':
      return part(0) + script('_', part(1)) + script('^', part(2));
    case 'mmultiscripts':
      return part(0) + script('_', part(1)) + script('^', part(2));
    case 'mtable':
      return `[${parts.map(linear).join('; ')}]`;
    case 'mtr':
    case 'mlabeledtr':
      return parts.map(linear).join(', ');
    case 'mfenced':
      return fenced(element, parts.map(linear));
    case 'mo':
      return operator(leafText(element));
    case 'mtext':
      return ` ${leafText(element)} `;
    case 'mspace':
      return ' ';
    case 'mi':
    case 'mn':
    case 'ms':
      return leafText(element);
    default:
      return parts.length === 0 ? leafText(element) : joined(parts);
  }
}

/** Names of functions stand apart from what they are applied to, and so does what follows a raised letter. */
function joined(parts: readonly Element[]): string {
  const texts = parts.map((part) => {
    const text = linear(part);
    return nameOf(part) === 'mi' && text.length > 1 ? ` ${text} ` : text;
  });
  return joinTerms(texts).replace(/ (?=[(),^_])/g, '');
}

export function joinTerms(texts: readonly string[]): string {
  return texts.reduce((line, text) => line + (wouldMelt(line, text) ? ' ' : '') + text, '');
}

/** A raised letter with what follows it, and a number with the fraction behind it. */
function wouldMelt(line: string, text: string): boolean {
  if (/^\d+\//.test(text) && /\d$/.test(line)) return true;
  return /[_^][\p{L}\p{N}]+$/u.test(line.slice(-20)) && /^[\p{L}\p{N}]/u.test(text);
}

function nameOf({ name }: Element): string {
  return name.replace(/^(?:mjx-|m:|mml:|math:)/, '');
}

function fraction({ attributes }: Element, parts: readonly Element[]): string {
  const [top = '', bottom = ''] = parts.map(linear);
  const isBinomial = /^0(?:\.0*)?[a-z]*$/.test(attributes['linethickness'] ?? '');
  return isBinomial ? `binom(${top}, ${bottom})` : `${group(top)}/${group(bottom)}`;
}

function fenced({ attributes }: Element, parts: readonly string[]): string {
  const separator = attributes['separators']?.trim()[0] ?? ',';
  return `${attributes['open'] ?? '('}${parts.join(`${separator} `)}${attributes['close'] ?? ')'}`;
}

function accent(base: string, mark: string): string {
  if (/^(?:¯|‾|_|―|-)$/.test(mark)) return `${base}̅`;
  if (/^(?:→|\u20d7)$/.test(mark)) return `${base}⃗`;
  if (/^[\^ˆ]$/.test(mark)) return `${base}̂`;
  if (/^[~˜]$/.test(mark)) return `${base}̃`;
  return /^[.˙¨]+$/.test(mark) ? `${base}${mark === '¨' ? '̈' : '̇'}` : base + script('^', mark);
}

export function script(sign: string, source: string): string {
  const text = source.trim();
  if (text === '') return '';
  if (sign === '^' && /^[′″‴']+$/.test(text)) return text;
  return /^[\p{L}\p{N}∞*]+$/u.test(text) && (text.length === 1 || /^\d+$/.test(text))
    ? sign + text
    : `${sign}{${text}}`;
}

export function group(source: string): string {
  const text = source.trim();
  return /^[\p{L}\p{N}.]+$/u.test(text) && (text.length === 1 || /^[\d.]+$/.test(text)) ? text : `(${text})`;
}

function operator(text: string): string {
  if (text === '\u2061' || text === '\u2062' || text === '\u2063' || text === '\u2064' || text === '')
    return '';
  if (text === '−') return ' - ';
  return /^[=≠<>≤≥≈≡∼∈∉⊂⊆∪∩→←↔⇒⇔+±×÷·∧∨|]$/.test(text) && text !== '|'
    ? ` ${text} `
    : /^[,;]$/.test(text)
      ? `${text} `
      : text;
}

/** Letters of a leaf; those of MathJax's own output stand in the names of its classes. */
function leafText(element: Element): string {
  const text = visibleText(rawText(element)).trim();
  if (text !== '') return text;
  return elementsIn(element)
    .flatMap(({ classes }) => [...classes])
    .map((token) => /^mjx-c([0-9A-F]{2,6})$/.exec(token)?.[1])
    .map((code) =>
      code === undefined ? '' : String.fromCodePoint(Number.parseInt(code, 16)).normalize('NFKC'),
    )
    .join('');
}
