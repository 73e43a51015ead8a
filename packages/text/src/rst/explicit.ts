import { type Directive, writeDirective } from './directives.ts';
import { dedent, isBlank, takeMarked } from './lines.ts';
import { type Nesting, type Rst, writeNote } from './rst.ts';

const DIRECTIVE = /^([\w.+:-]+?) ?::(?: +(.*)|$)/;
const NOTE = /^\[(#?[\w.-]*|\*)\] ?(.*)$/;
const TARGET = /^_(`[^`]+`|[^:\\]+):(?:\s(.*))?$/;

/** What begins with two dots: a directive, a note, a target, or a comment, which is left out. */
export function readExplicit(
  rst: Rst,
  lines: readonly string[],
  at: number,
  { depth }: Nesting,
): number | undefined {
  const line = lines[at] ?? '';
  if (/^__ /.test(line)) return at + 1;
  if (!/^\.\.( |$)/.test(line)) return undefined;
  // Two dots alone end the block above: they keep a quote from being read as part of a list.
  if (line === '..' && isBlank(lines[at + 1])) return at + 1;
  const { lines: block, next } = takeMarked(lines, at, 3);
  const [first = '', ...rest] = block;
  const [, name, argument = ''] = DIRECTIVE.exec(first) ?? [];
  const [, label, text = ''] = NOTE.exec(first) ?? [];
  if (name !== undefined) writeDirective(rst, openDirective(name, argument, rest, depth));
  else if (label !== undefined)
    writeNote(rst, label.replace(/^#/, ''), [...(text === '' ? [] : [text]), ...dedent(rest)], depth);
  else if (first.startsWith('_')) placeTarget(rst, first, rest);
  else if (!first.startsWith('|')) rst.writer.lose('comment', block.join('\n').length);
  return next;
}

function openDirective(name: string, argument: string, lines: readonly string[], depth: number): Directive {
  return { name, argument, lines, depth };
}

/** A target with an address leads out of the document. */
function placeTarget(rst: Rst, line: string, rest: readonly string[]): void {
  const [, name = '', address = ''] = TARGET.exec(line) ?? [];
  if (address === '' && rest.length === 0) rst.writer.anchor(name.replaceAll('`', ''));
}
