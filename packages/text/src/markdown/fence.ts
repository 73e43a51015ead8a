import { trimEnd } from '../span.ts';
import { type Cursor, indentOf, isBlank, restOf, takeIndent } from './cursor.ts';
import { type Fence, push, type Scan } from './scan.ts';

const OPENING = /^(?:(`{3,})([^`]*)|(~{3,})(.*))$/;

/** The fenced code that this line opens, if it does. */
export function fenceAt(cursor: Cursor): Omit<Fence, 'start'> | undefined {
  const match = OPENING.exec(restOf(cursor));
  if (match === null) return undefined;
  const mark = match[1] ?? match[3] ?? '';
  const info = (match[2] ?? match[4] ?? '').trim();
  const end = trimEnd(cursor.text, cursor.next, cursor.end);
  const indent = indentOf(cursor);
  return {
    kind: 'fence',
    bodyStart: -1,
    bodyEnd: end,
    end,
    mark: mark.charAt(0),
    count: mark.length,
    indent,
    info,
  };
}

const OPTION = /^:[\w-]+:(?:[ \t]|$)/;

/** Reads a line of fenced code; false after the last one. */
export function readFenced(fence: Fence, cursor: Cursor): boolean {
  const rest = restOf(cursor);
  fence.end = Math.max(fence.end, trimEnd(cursor.text, cursor.at, cursor.end));
  if (indentOf(cursor) < 4 && isClosing(rest, fence)) return false;
  if (isBlank(cursor)) return true;
  const isOption = fence.bodyStart === -1 && fence.info.startsWith('{') && OPTION.test(rest);
  if (isOption) return true;
  takeIndent(cursor, fence.indent);
  if (fence.bodyStart === -1) fence.bodyStart = cursor.at;
  fence.bodyEnd = fence.end;
  return true;
}

function isClosing(rest: string, { mark, count }: Fence): boolean {
  if (!rest.startsWith(mark.repeat(count))) return false;
  let at = count;
  while (rest[at] === mark) at += 1;
  return rest.slice(at).trim() === '';
}

/** Code, or a formula where it says so; nothing where the fence is empty. */
export function pushFenced(scan: Scan, { start, bodyStart, bodyEnd, end, info }: Fence): void {
  if (bodyStart === -1) return;
  const language = languageOf(info);
  const span = { start, bodyStart, bodyEnd, end };
  if (language === 'math') push(scan, { kind: 'math', ...span });
  else if (info.startsWith('{figure}')) push(scan, { kind: 'caption', ...span });
  else push(scan, { kind: 'code', ...span, ...(language === undefined ? {} : { language }) });
}

/** Of `js {1,3}`, `{.python .numberLines}`, `{r, echo=FALSE}` and `{code-block} c++`. */
function languageOf(info: string): string | undefined {
  const directive = /^\{(code|code-block|code-cell|sourcecode|math)\}[ \t]*(.*)$/.exec(info);
  if (directive?.[1] === 'math') return 'math';
  const [word = ''] = /[^\s{},:=.]+/.exec(directive?.[2] ?? info) ?? [];
  const isDirective = directive === null && /^\{[\w:-]+\}/.test(info) && !/^\{\w+\}$/.test(info);
  return word === '' || isDirective ? undefined : word.toLowerCase();
}
