import type { TextDocument } from '@xnai/contracts';
import { decodeHTML } from 'entities/decode';
import { webAddress } from '../web-address.ts';

/** Each reads one way to write a link (CommonMark 4.7, 6.3, 6.5; bare addresses as in GFM 6.9), and takes linear time. */
const WAYS: readonly RegExp[] = [
  /\]\([ \t\n]*(?:<([^<>\n]*)>|((?:[^\s()\\]|\\.|\([^\s()]*\))+))/g,
  /^ {0,3}\[(?!\^)[^\]\n]{1,999}\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|(\S+))/gm,
  /<a\s[^<>]{0,500}?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/gi,
  /\b(https?:\/\/[^\s<>"'`()[\]]*[^\s<>"'`()[\].,;:!?*_~])/gi,
];
const CODE_SPAN = /(?<!`)(`+)(?!`)[^`]+\1(?!`)/g;
const IMAGE = /!\[[^[\]]{0,999}\]\([^()\n]{0,2000}\)/g;

/** Where the links of a Markdown document lead, each once; images, code and the document itself are no links. */
export function linksOfMarkdown({ text, blocks }: TextDocument, url: string): string[] {
  const prose = withoutCode(text, blocks).replace(CODE_SPAN, ' ').replace(IMAGE, '');
  const links = new Set<string>();
  for (const way of WAYS) {
    for (const [, ...written] of prose.matchAll(way)) {
      const href = written.find((part) => part !== undefined) ?? '';
      const address = webAddress(decodeHTML(href.replace(/\\([!-/:-@[-`{-~])/g, '$1')), url);
      if (address !== undefined) links.add(address);
    }
  }
  links.delete(webAddress(url, undefined) ?? '');
  return [...links];
}

function withoutCode(text: string, blocks: TextDocument['blocks']): string {
  let prose = '';
  let at = 0;
  for (const { kind, start, end } of blocks) {
    if (kind !== 'code') continue;
    prose += `${text.slice(at, start)}\n`;
    at = end;
  }
  return prose + text.slice(at);
}
