import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { escapeMarkdown, settleLineStarts } from './escape-markdown.ts';

export interface LooseText {
  /** A block for each block element, headings marked, preformatted text fenced. */
  readonly text: string;
  readonly hrefs: readonly string[];
}

/** Their content is not text, and their end is sure to be found. */
const RAW = new Set(['script', 'style', 'textarea', 'title']);
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);

/**
 * All text and links of a page that is too deep, too large or too odd for a tree. Reads tag after tag and remembers
 * none of them, so that nothing it meets can exhaust the stack, the memory or the time; and it drops no text.
 */
export function readLoosely(html: string): LooseText {
  const blocks: string[] = [];
  const hrefs: string[] = [];
  let block = '';
  let prefix = '';
  let raw: string | undefined;
  let isPreformatted = false;
  let tag = '';
  let attribute = '';
  let value = '';

  const add = (text: string) => {
    if (raw === undefined) block += text;
  };
  const endBlock = () => {
    const text = isPreformatted ? block.trimEnd() : block.replace(/\s+/g, ' ').trim();
    if (text !== '') blocks.push(isPreformatted ? `\`\`\`\n${text}\n\`\`\`` : prefix + escapeMarkdown(text));
    block = '';
    prefix = '';
  };
  const open = (name: string) => {
    if (RAW.has(name)) raw = name;
    if (INLINE.has(name) || (isPreformatted && name !== 'pre')) return;
    endBlock();
    isPreformatted = name === 'pre';
    if (/^h[1-6]$/.test(name)) prefix = `${'#'.repeat(Number(name[1]))} `;
  };
  const close = (name: string) => {
    if (name === raw) raw = undefined;
    if (INLINE.has(name) || (isPreformatted && name !== 'pre')) return;
    endBlock();
    isPreformatted = false;
  };

  tokenize(html, {
    onopentagname: (start, end) => {
      tag = html.slice(start, end).toLowerCase();
      open(tag);
    },
    onattribname: (start, end) => {
      attribute = html.slice(start, end).toLowerCase();
      value = '';
    },
    onattribdata: (start, end) => {
      value += html.slice(start, end);
    },
    onattribentity: (code) => {
      value += String.fromCodePoint(code);
    },
    onattribend: () => {
      if (attribute === 'href' && (tag === 'a' || tag === 'area')) hrefs.push(value);
    },
    onclosetag: (start, end) => close(html.slice(start, end).toLowerCase()),
    ontext: (start, end) => add(html.slice(start, end)),
    ontextentity: (code) => add(String.fromCodePoint(code)),
  });
  endBlock();
  return { text: settleLineStarts(blocks.join('\n\n')), hrefs };
}

function tokenize(html: string, callbacks: Partial<TokenizerCallbacks>): void {
  const nothing = () => {};
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onattribdata: nothing,
      onattribend: nothing,
      onattribentity: nothing,
      onattribname: nothing,
      oncdata: nothing,
      onclosetag: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onopentagend: nothing,
      onopentagname: nothing,
      onprocessinginstruction: nothing,
      onselfclosingtag: nothing,
      ontext: nothing,
      ontextentity: nothing,
      ...callbacks,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
}
