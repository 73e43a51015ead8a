import { skipBlank, trimEnd } from '../span.ts';
import { type LineBounds, lineAt } from './cursor.ts';
import type { NewBlock } from './scan.ts';

type Entry = Extract<NewBlock, { kind: 'metadata' }>;

export interface FrontMatter {
  readonly entries: readonly Entry[];
  /** Behind its closing line; 0 without front matter. */
  readonly end: number;
}

/** More lines than anybody writes before the text. */
const MAX_LINES = 500;
const KEY = { yaml: /^([\w-][\w .-]*|"[^"]+"):(?:[ \t]+|$)/, toml: /^([\w-]+|"[^"]+")[ \t]*=[ \t]*/ };
const CLOSING = { yaml: /^(?:---|\.\.\.)[ \t]*$/, toml: /^\+\+\+[ \t]*$/ };

/** What YAML between lines of `---`, or TOML between lines of `+++`, says at the start of a document. */
export function readFrontMatter(text: string): FrontMatter {
  const opening = lineAt(text, 0);
  const fence = text.slice(0, opening.end).trimEnd();
  const format = fence === '---' ? 'yaml' : fence === '+++' ? 'toml' : undefined;
  if (format === undefined) return { entries: [], end: 0 };
  const entries: Entry[] = [];
  let line = lineAt(text, opening.next);
  for (let count = 0; count < MAX_LINES && line.start < text.length; count += 1) {
    const content = text.slice(line.start, line.end);
    if (CLOSING[format].test(content)) return { entries: valuesOf(text, entries), end: line.next };
    readEntry(entries, line, content, KEY[format]);
    if (entries.length === 0 && content.trim() !== '' && !/^[#[]/.test(content)) break;
    line = lineAt(text, line.next);
  }
  return { entries: [], end: 0 };
}

function readEntry(entries: Entry[], { start, end }: LineBounds, content: string, key: RegExp): void {
  const match = key.exec(content);
  const last = entries.at(-1);
  if (match !== null) {
    const name = (match[1] ?? '').replaceAll('"', '');
    entries.push({
      kind: 'metadata',
      key: name,
      start,
      bodyStart: start + match[0].length,
      bodyEnd: end,
      end,
    });
  } else if (last !== undefined && content.trim() !== '' && !content.startsWith('#')) {
    entries[entries.length - 1] = { ...last, bodyEnd: end, end };
  }
}

/** Marks that a text of several lines follows in YAML. */
const FOLDED = /^[>|][-+\d]*[ \t]*(?=[\r\n])/;

/** Without white space around the values, and without the marks that hold them; keys without a value are left out. */
function valuesOf(text: string, entries: readonly Entry[]): Entry[] {
  return entries.flatMap((entry) => {
    const end = trimEnd(text, entry.start, entry.end);
    const first = skipBlank(text, Math.min(entry.bodyStart, end), end);
    const folded = FOLDED.exec(text.slice(first, end))?.[0].length ?? 0;
    const bodyStart = skipBlank(text, first + folded, end);
    const mark = text[bodyStart];
    const isQuoted = (mark === '"' || mark === "'") && end - bodyStart > 1 && text[end - 1] === mark;
    const inner = isQuoted ? 1 : 0;
    if (bodyStart + inner >= end - inner) return [];
    return [{ ...entry, end, bodyStart: bodyStart + inner, bodyEnd: end - inner }];
  });
}
