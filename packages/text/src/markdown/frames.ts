import { trimEnd } from '../span.ts';
import { type Cursor, indentOf, isBlank, restOf, takeIndent, takeMark } from './cursor.ts';
import { openDefinition, openItem } from './items.ts';
import { enter } from './leaves.ts';
import { claimStart, type Frame, pushText, type Scan } from './scan.ts';

/** More containers in one another than people write; what is deeper is text. */
const MAX_DEPTH = 100;

/** How many of the open containers this line belongs to by its marks and indentation, which are taken. */
export function matchFrames(scan: Scan, cursor: Cursor): number {
  for (const [depth, frame] of scan.frames.entries()) {
    if (!matches(scan, cursor, frame)) return depth;
    if (!isBlank(cursor)) frame.isEmpty = isOption(frame, cursor);
  }
  return scan.frames.length;
}

function matches(scan: Scan, cursor: Cursor, { kind, indent, isEmpty }: Frame): boolean {
  switch (kind) {
    case 'document':
    case 'fenced':
      return true;
    case 'quote':
      if (indentOf(cursor) > 3 || cursor.text[cursor.next] !== '>' || isBlank(cursor)) return false;
      takeQuoteMark(scan, cursor);
      return true;
    default:
      if (isBlank(cursor)) return !isEmpty;
      if (indentOf(cursor) < indent) return false;
      takeIndent(cursor, indent);
      return true;
  }
}

function takeQuoteMark(scan: Scan, cursor: Cursor): void {
  scan.quoteMark ??= cursor.next;
  takeMark(cursor, 1);
  takeIndent(cursor, 1);
}

/** The container that a line of `:::` or backquotes alone ends, of those that the line belongs to. */
export function closesFence(scan: Scan, cursor: Cursor, depth: number): number | undefined {
  const mark = cursor.text[cursor.next];
  if ((mark !== ':' && mark !== '`') || scan.leaf?.kind === 'fence' || indentOf(cursor) > 3) return undefined;
  const count = /^(?::{3,}|`{3,})(?=[ \t]*$)/.exec(restOf(cursor))?.[0].length ?? 0;
  const isEnd = ({ fence }: Frame) => fence?.mark === mark && fence.count <= count;
  const index = scan.frames.slice(0, depth).findLastIndex(isEnd);
  return index === -1 ? undefined : index;
}

/** Opens the container that begins here, if one does. */
export function openFrame(scan: Scan, cursor: Cursor, depth: number, inParagraph: boolean): boolean {
  if (depth >= MAX_DEPTH) return false;
  switch (cursor.text[cursor.next]) {
    case '>':
      return openQuote(scan, cursor, depth);
    case ':':
      return openFenced(scan, cursor, depth) || openDefinition(scan, cursor, depth, inParagraph);
    case '`':
      return openFenced(scan, cursor, depth);
    case '!':
    case '?':
    case '=':
      return openIndented(scan, cursor, depth);
    case '[':
      return openFootnote(scan, cursor, depth);
    default:
      return openItem(scan, cursor, depth, inParagraph);
  }
}

/** `[!NOTE]` as GitHub has it, `[!tip]- Title` as Obsidian, and the older `**Note**` on a line of its own. */
const ALERT = /^(?:\[!(\w{1,32})\][+-]?|\*\*(note|tip|important|warning|caution):?\*\*:?[ \t]*$)/i;

function openQuote(scan: Scan, cursor: Cursor, depth: number): boolean {
  enter(scan, depth);
  takeQuoteMark(scan, cursor);
  const alert = /[[*]/.test(cursor.text.charAt(cursor.next)) ? ALERT.exec(restOf(cursor)) : null;
  const label = (alert?.[1] ?? alert?.[2])?.toLowerCase();
  scan.frames.push({ kind: 'quote', indent: 0, isEmpty: true, label });
  if (alert === null) return true;
  scan.mark = claimStart(scan, cursor.next);
  takeMark(cursor, alert[0].length);
  takeTitle(scan, cursor, cursor.next, cursor.end);
  return true;
}

/** What directives are called that are notes; those of other names are read as if they were not there. */
const NOTES = new Set(
  (
    'admonition note tip hint info important warning caution danger attention error success question failure bug ' +
    'example quote abstract summary details seealso todo versionadded versionchanged deprecated'
  ).split(' '),
);
const FENCED = /^(?:(:{3,})[ \t]*\{?\.?([\w-]+)[^}\s[]*\}?|(`{3,})\{([\w-]+)\})[ \t]*\[?([^\]{`]*)/;

/** `:::tip Title` and the directives of MyST. */
function openFenced(scan: Scan, cursor: Cursor, depth: number): boolean {
  const match = FENCED.exec(restOf(cursor));
  if (match === null) return false;
  const fence = match[1] ?? match[3] ?? '';
  const name = (match[2] ?? match[4] ?? '').toLowerCase();
  const isNote = NOTES.has(name);
  if (!isNote && fence.startsWith('`')) return false;
  enter(scan, depth);
  const label = isNote ? name : undefined;
  scan.frames.push({
    kind: 'fenced',
    indent: 0,
    isEmpty: true,
    label,
    fence: { mark: fence.charAt(0), count: fence.length },
  });
  scan.mark = claimStart(scan, cursor.next);
  const titleEnd = cursor.next + match[0].length;
  if (isNote) takeTitle(scan, cursor, titleEnd - (match[5]?.length ?? 0), titleEnd);
  takeMark(cursor, cursor.end - cursor.next);
  return true;
}

const OPTION = /^:[\w-]+:(?:[ \t]|$)/;

/** A line `:class: tip` at the head of a directive. */
export function isOption(frame: Frame, cursor: Cursor): boolean {
  return (
    frame.kind === 'fenced' &&
    frame.isEmpty &&
    cursor.text[cursor.next] === ':' &&
    OPTION.test(restOf(cursor))
  );
}

const INDENTED = /^(?:(?:!!!|\?\?\?\+?)[ \t]*([\w-]+)(?:[ \t]+[\w-]+)*|===[!+]?)[ \t]*(?:"([^"]*)")?[ \t]*$/;

/** `!!! note "Title"` and `=== "Title of a tab"`, whose text is indented below. */
function openIndented(scan: Scan, cursor: Cursor, depth: number): boolean {
  const match = INDENTED.exec(restOf(cursor));
  if (match === null || (match[1] === undefined && match[2] === undefined)) return false;
  enter(scan, depth);
  scan.frames.push({ kind: 'note', indent: 4, isEmpty: false, label: match[1]?.toLowerCase() });
  scan.mark = claimStart(scan, cursor.next);
  const titleEnd = cursor.next + match[0].lastIndexOf('"');
  if (match[2]) takeTitle(scan, cursor, titleEnd - match[2].length, titleEnd);
  takeMark(cursor, cursor.end - cursor.next);
  return true;
}

/** The title of a note is a block of its own. */
function takeTitle(scan: Scan, cursor: Cursor, bodyStart: number, bodyEnd: number): void {
  const end = trimEnd(cursor.text, bodyStart, cursor.end);
  if (end === bodyStart) return;
  pushText(scan, { start: claimStart(scan, bodyStart), bodyStart, bodyEnd, end });
  takeMark(cursor, cursor.end - cursor.next);
}

const FOOTNOTE = /^\[\^([^\]\s]{1,100})\]:/;

function openFootnote(scan: Scan, cursor: Cursor, depth: number): boolean {
  const match = FOOTNOTE.exec(restOf(cursor));
  if (match === null) return false;
  enter(scan, depth);
  scan.mark = claimStart(scan, cursor.next);
  scan.frames.push({ kind: 'note', indent: 4, isEmpty: false, label: match[1] });
  takeMark(cursor, match[0].length);
  return true;
}
