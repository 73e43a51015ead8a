import { Parser } from 'htmlparser2';

const SKIPPED = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'head',
  'iframe',
  'object',
  'select',
  'textarea',
  'button',
]);
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
const HEADING = /^h([1-6])$/;

/**
 * All the text of a page, a line for each block, headings marked. The last resort for pages too deep or too odd for a
 * tree: it cannot fail, keeps no stack, and loses nothing that is text.
 */
export function htmlToText(html: string): string {
  const lines: string[] = [];
  let line = '';
  let skipDepth = 0;

  const endLine = () => {
    const text = line.replace(/\s+/g, ' ').trim();
    if (text !== '' && !/^#+$/.test(text)) lines.push(text);
    line = '';
  };
  const parser = new Parser({
    onopentag: (name) => {
      if (SKIPPED.has(name)) skipDepth += 1;
      if (INLINE.has(name)) return;
      endLine();
      const level = HEADING.exec(name)?.[1];
      if (level !== undefined) line = `${'#'.repeat(Number(level))} `;
    },
    ontext: (text) => {
      if (skipDepth === 0) line += text;
    },
    onclosetag: (name) => {
      if (SKIPPED.has(name)) skipDepth -= 1;
      if (!INLINE.has(name)) endLine();
    },
  });
  parser.end(html);
  endLine();
  return lines.join('\n\n');
}
