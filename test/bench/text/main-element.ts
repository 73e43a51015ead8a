import { Parser } from 'htmlparser2';

const SILENT = new Set(['script', 'style', 'noscript', 'template', 'head']);

/** All letters within the element whose start tag matches, by the nesting of its tags alone: the truth that is compared. */
export function mainElementText(html: string, startTag: RegExp): string | undefined {
  const match = startTag.exec(html);
  if (match === null) return undefined;
  let depth = 0;
  let silent = 0;
  let text = '';
  let isOver = false;
  const parser = new Parser({
    onopentag(name) {
      if (isOver) return;
      depth += 1;
      if (SILENT.has(name)) silent += 1;
      text += BREAKS.has(name) ? ' ' : '';
    },
    ontext(piece) {
      if (!isOver && silent === 0) text += piece;
    },
    onclosetag(name) {
      if (isOver) return;
      depth -= 1;
      if (SILENT.has(name)) silent -= 1;
      text += BREAKS.has(name) ? ' ' : '';
      if (depth === 0) isOver = true;
    },
  });
  parser.write(html.slice(match.index));
  parser.end();
  return text;
}

const BREAKS = new Set(
  'div p li td th tr dt dd br pre h1 h2 h3 h4 h5 h6 table ul ol dl section summary details sup sub img'.split(
    ' ',
  ),
);
