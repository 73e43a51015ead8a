import { attribute, elements, find, type XmlElement } from '../container/parse-xml.ts';

const NARY = '∫';
const ACCENTS: Readonly<Record<string, string>> = {
  '\u0302': 'hat',
  '\u0303': 'tilde',
  '\u0305': 'bar',
  '\u20d7': 'vec',
  '\u0307': 'dot',
};

/** A formula of Office (OMML) on one line, every value kept: `(a+b)/c`, `x^2`, `√(y)`, `∑_{i=1}^n i`. */
export function linearFormula(math: XmlElement | undefined): string {
  return elements(math).map(linearPart).join('');
}

function linearPart(part: XmlElement): string {
  const write = PARTS[part.name];
  if (write !== undefined) return write(part);
  if (part.name.endsWith('Pr')) return '';
  if (part.name === 't') return part.children.filter((child) => typeof child === 'string').join('');
  return linearFormula(part);
}

const PARTS: Readonly<Record<string, (part: XmlElement) => string>> = {
  f: (part) => `${operand(part, 'num')}/${operand(part, 'den')}`,
  sSup: (part) => `${operand(part, 'e')}${script('^', part, 'sup')}`,
  sSub: (part) => `${operand(part, 'e')}${script('_', part, 'sub')}`,
  sSubSup: (part) => `${operand(part, 'e')}${script('_', part, 'sub')}${script('^', part, 'sup')}`,
  sPre: (part) => `${script('_', part, 'sub')}${script('^', part, 'sup')}${operand(part, 'e')}`,
  limLow: (part) => `${operand(part, 'e')}${script('_', part, 'lim')}`,
  limUpp: (part) => `${operand(part, 'e')}${script('^', part, 'lim')}`,
  func: (part) => `${operand(part, 'fName')} ${operand(part, 'e')}`,
  rad: (part) => {
    const degree = linearFormula(find(part, 'deg'));
    return `√${degree === '' ? '' : `[${degree}]`}(${linearFormula(find(part, 'e'))})`;
  },
  nary: (part) => {
    const sign = property(part, 'naryPr', 'chr') ?? NARY;
    return `${sign}${script('_', part, 'sub')}${script('^', part, 'sup')} ${operand(part, 'e')}`;
  },
  d: (part) => {
    const inner = elements(part, 'e')
      .map(linearFormula)
      .join(property(part, 'dPr', 'sepChr') ?? ', ');
    return `${property(part, 'dPr', 'begChr') ?? '('}${inner}${property(part, 'dPr', 'endChr') ?? ')'}`;
  },
  acc: (part) => {
    const accent = property(part, 'accPr', 'chr') ?? '\u0302';
    return `${ACCENTS[accent] ?? accent}(${linearFormula(find(part, 'e'))})`;
  },
  bar: (part) => `bar(${linearFormula(find(part, 'e'))})`,
  m: (part) => `[${elements(part, 'mr').map(row).join('; ')}]`,
  eqArr: (part) => elements(part, 'e').map(linearFormula).join('; '),
};

function row(part: XmlElement): string {
  return elements(part, 'e').map(linearFormula).join(', ');
}

/** A bound, an index or an exponent; nothing where it is empty. */
function script(sign: string, part: XmlElement, name: string): string {
  const text = linearFormula(find(part, name)).trim();
  if (text === '') return '';
  return /^(.|\d+)$/su.test(text) ? sign + text : `${sign}{${text}}`;
}

/** In brackets unless it is one name, one number or already in brackets. */
function operand(part: XmlElement, name: string): string {
  const text = linearFormula(find(part, name));
  return /^([\p{L}\p{M}]*|[\d.,]*|.|\([^()]*\)|\[[^[\]]*\])$/u.test(text) ? text : `(${text})`;
}

function property(part: XmlElement, properties: string, name: string): string | undefined {
  return attribute(find(part, properties, name), 'val');
}
