/**
 * A quote as it reads in an answer: links by their words, marks and line breaks of Markdown left out. Code and tables
 * stay as they are; a code block that the quote cuts off is closed.
 */
export function readable(quote: string): string {
  return partsOf(quote)
    .map((part) => (part.isCode ? closed(part.text) : readableProse(part.text)))
    .filter((text) => text !== '')
    .join('\n\n');
}

/** A quote out of the inside of a code block, without the fence it stood in. */
export function readableCode(code: string): string {
  const text = code.replaceAll('\r\n', '\n').trim();
  return text.includes('\n') || text.includes('`') ? `\`\`\`\n${text}\n\`\`\`` : `\`${text}\``;
}

interface Part {
  readonly text: string;
  readonly isCode: boolean;
}

const FENCED = /^[\t >]*(`{3,}|~{3,})[\s\S]*?(?:^[\t >]*\1|(?![\s\S]))/gm;

function partsOf(quote: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { index, 0: text } of quote.matchAll(FENCED)) {
    parts.push({ text: quote.slice(end, index), isCode: false }, { text, isCode: true });
    end = index + text.length;
  }
  return [...parts, { text: quote.slice(end), isCode: false }];
}

function closed(block: string): string {
  const text = block.replaceAll('\r\n', '\n').trim();
  const fence = /^[\t >]*(`{3,}|~{3,})/.exec(text)?.[1] ?? '';
  return text.lastIndexOf(fence) > text.indexOf(fence) ? text : `${text}\n${fence}`;
}

/** Inside a code span nothing is a mark. */
const CODE_SPAN = /(?<!`)(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;
/** Stands for a code span meanwhile; no stored text holds it. */
const HELD = '\0';

function readableProse(prose: string): string {
  if (/^[\t ]*\|/m.test(prose) || /\n(?: {4}|\t)\S/.test(prose)) return prose.trim();
  const spans: string[] = [];
  const held = prose.replace(CODE_SPAN, (span) => {
    spans.push(span);
    return HELD;
  });
  return withoutMarks(held).replaceAll(HELD, () => spans.shift() ?? '');
}

function withoutMarks(text: string): string {
  return text
    .replace(/!?\[([^\]\n]*)\]\([^)\s\0]*(?:\s+"[^"\0]*")?\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)([^*\n]+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}_*\\])([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?![\p{L}\p{N}_*])/gu, '$2')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\n\s*\n\s*(?:[-*+]\s+)?/g, ': ')
    .replace(/\s*\n\s*(?:[-*+]\s+)?/g, ' ')
    .replace(/(?::\s*){2,}/g, ': ')
    .trim();
}
