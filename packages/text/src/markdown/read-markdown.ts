import type { Block, TextDocument } from '@xnai/contracts';
import { cleanText } from '../clean-text.ts';
import { headingName } from '../heading-name.ts';
import type { LossRule } from '../loss-rule.ts';
import { anchorsOf } from './anchors.ts';
import { readFrontMatter } from './front-matter.ts';
import { readLines } from './read-lines.ts';
import { openScan, push } from './scan.ts';

/**
 * The blocks of a Markdown document: CommonMark with tables, task lists, footnotes, definition lists, formulas, notes
 * (`> [!NOTE]`, `!!! note`, `:::tip`) and front matter. The text is stored as it came. Time is linear in its length.
 */
export function readMarkdown(content: string): TextDocument {
  const text = cleanText(content);
  const scan = openScan(text);
  const front = readFrontMatter(text);
  for (const entry of front.entries) push(scan, entry);
  readLines(scan, front.end);
  const { blocks } = scan;
  const title = metadataOf(text, blocks, /^title$/i) ?? headingName({ text, inline: 'markdown', blocks }, 1);
  const language = metadataOf(text, blocks, /^lang(?:uage)?$/i);
  return {
    text,
    inline: 'markdown',
    ...(title === undefined ? {} : { title }),
    ...(language === undefined ? {} : { language }),
    blocks,
    tables: scan.tables,
    anchors: anchorsOf(text, blocks),
    losses: scan.hiddenChars === 0 ? [] : [{ rule: 'comment' satisfies LossRule, chars: scan.hiddenChars }],
  };
}

function metadataOf(text: string, blocks: readonly Block[], name: RegExp): string | undefined {
  const found = blocks.find((block) => block.kind === 'metadata' && name.test(block.key));
  const value = found === undefined ? '' : unquoted(text, found).replace(/\s+/g, ' ').trim();
  return value === '' ? undefined : value;
}

/** Quotation marks within a value are doubled, or have a backslash. */
function unquoted(text: string, { bodyStart, bodyEnd }: Block): string {
  const value = text.slice(bodyStart, bodyEnd);
  if (text[bodyEnd] === "'") return value.replaceAll("''", "'");
  return text[bodyEnd] === '"' ? value.replace(/\\(["\\])/g, '$1') : value;
}
