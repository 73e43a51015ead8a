import type TurndownService from 'turndown';
import { type DomElement, type DomNode, ELEMENT_NODE, TEXT_NODE } from '../dom.ts';
import { CELL_END } from '../escape-markdown.ts';

/** Every `<pre>` is a fenced block: its text as it stands, and its language when anything near it tells. */
export function addCodeBlockRule(turndown: TurndownService): void {
  turndown.addRule('codeBlock', {
    filter: 'pre',
    replacement: (_content, node) => {
      const pre = node as unknown as DomElement;
      const codes = [...pre.children].filter((child) => child.nodeName === 'CODE');
      // Some pages put the same example in two languages into one block and let the reader choose.
      return codes.length > 1 ? codes.map((code) => toBlock(pre, code)).join('') : toBlock(pre, pre);
    },
  });
}

function toBlock(pre: DomElement, element: DomElement): string {
  const code = codeText(element)
    .replaceAll(CELL_END, '')
    .replace(/^(\s*\n)+/, '')
    .trimEnd();
  if (code === '') return '';
  const fence = fenceFor(code);
  return `\n\n${fence}${languageOf(pre, element)}\n${code}\n${fence}\n\n`;
}

const LANGUAGE_CLASS =
  /(?:^|\s)(?:language|lang|highlight-source|highlight-text|highlight|brush:|sourceCode|hljs)[-\s]?\s*([a-z0-9+#_.-]+)/i;
/** Class names that look like a language to the pattern above and are none. */
const NOT_A_LANGUAGE =
  /^(default|none|plain|plaintext|nohighlight|text|notranslate|highlight|hljs|code|source)$/i;

function languageOf(pre: DomElement, code: DomElement): string {
  const inner = code === pre ? pre.querySelector('code') : code;
  const candidates = [inner, pre, pre.parentNode, pre.parentNode?.parentNode];
  for (const element of candidates) {
    if (!element) continue;
    const named = element.getAttribute('data-lang') ?? element.getAttribute('data-language');
    const found = named ?? LANGUAGE_CLASS.exec(element.getAttribute('class') ?? '')?.[1];
    if (found && !NOT_A_LANGUAGE.test(found) && /^[\w+#.-]{1,30}$/.test(found)) return found.toLowerCase();
  }
  return '';
}

/** Text with `<br>` and block lines as line breaks: some highlighters make each line an element. */
function codeText(root: DomNode): string {
  let text = '';
  const stack: (DomNode | typeof LINE_END)[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === LINE_END) text += text === '' || text.endsWith('\n') ? '' : '\n';
    else if (node.nodeType === TEXT_NODE) text += node.textContent ?? '';
    else if (node.nodeName === 'BR') text += '\n';
    else if (node.nodeType === ELEMENT_NODE) stack.push(...partsOf(node));
  }
  return text;
}

const LINE_END = Symbol('line end');

/** Last one first, as a stack wants them. */
function partsOf(element: DomNode): (DomNode | typeof LINE_END)[] {
  const parts = [...element.childNodes].reverse();
  return /^(DIV|LI|TR|P)$/.test(element.nodeName) ? [LINE_END, ...parts] : parts;
}

function fenceFor(code: string): string {
  const longest = Math.max(2, ...(code.match(/^ *`{3,}/gm) ?? []).map((run) => run.trim().length));
  return '`'.repeat(longest + 1);
}
