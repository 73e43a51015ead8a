import Papa from 'papaparse';
import type { LossRule } from '../loss-rule.ts';
import { writeTable } from '../tables/write-table.ts';
import { dedent, isBlank, takeIndented } from './lines.ts';
import { type Rst, toText, writeNote, writeTerm } from './rst.ts';

export interface Directive {
  readonly name: string;
  readonly argument: string;
  /** Below the line of the directive, without its indentation. */
  readonly lines: readonly string[];
  readonly depth: number;
}

interface OpenDirective extends Directive {
  readonly options: ReadonlyMap<string, string>;
}

const CODE =
  /^(code|code-block|sourcecode|parsed-literal|prompt|console|ipython|testcode|testoutput|productionlist|graphviz|plantuml|mermaid)$/;
const NOTE =
  /^(attention|caution|danger|error|hint|important|note|tip|warning|seealso|admonition|todo|deprecated|versionadded|versionchanged|versionremoved)$/;
const CONTAINER =
  /^(only|ifconfig|container|compound|epigraph|highlights|pull-quote|glossary|hlist|class|rst-class|tabs|tab-set|grid|cards|centered)$/;
/** Lists of places, and what only the program that builds the pages reads. */
const LEFT_OUT: Readonly<Record<string, LossRule>> = {
  toctree: 'navigation',
  contents: 'navigation',
  index: 'navigation',
  raw: 'raw',
  include: 'include',
  literalinclude: 'include',
};

/** What the program that builds the pages is told. */
const SETTING = /^(\w+:)?(module|currentmodule|highlight|default-role|sectnum|auto\w+)$/;
const TITLED = /^(topic|sidebar|rubric|tab|tab-item|dropdown|card)$/;

/** Writes the block that a directive stands for. */
export function writeDirective(rst: Rst, directive: Directive): void {
  const { name, argument } = directive;
  const { options, lines } = readOptions(directive);
  const open = { ...directive, options, lines };
  const words = [argument, ...lines].join('\n');
  const leftOut = LEFT_OUT[name];
  if (CODE.test(name)) rst.writer.code(lines.join('\n'), /^[\w+#.-]+$/.test(argument) ? argument : undefined);
  else if (name === 'math') rst.writer.math(words);
  else if (NOTE.test(name)) writeAdmonition(rst, open);
  else if (name === 'image' || name === 'figure') writeFigure(rst, open);
  else if (name.endsWith('table')) writeTableDirective(rst, open);
  else if (leftOut !== undefined) rst.writer.lose(leftOut, words.trim().length);
  else writeContent(rst, open);
}

function writeContent(rst: Rst, { name, argument, lines, depth }: OpenDirective): void {
  const inside = { depth: depth + 1, isTop: false };
  if (CONTAINER.test(name)) rst.readBody([argument, '', ...lines], inside);
  else if (SETTING.test(name)) rst.readBody(lines, inside);
  else if (TITLED.test(name) || lines.length === 0) {
    rst.writer.paragraph(toText(rst, argument));
    rst.readBody(lines, inside);
  } else {
    // Names of things with what they mean: functions, classes, options, and domains that are not known.
    writeTerm(rst, argument === '' ? name : `\`${argument}\``, lines, depth);
  }
}

/** Fields at the start of a directive are its options; a longer argument may come before them. */
function readOptions({ lines }: Directive): Pick<OpenDirective, 'options' | 'lines'> {
  const options = new Map<string, string>();
  let at = 0;
  for (let field = optionAt(lines, at); field !== null; field = optionAt(lines, at)) {
    const more = takeIndented(lines, at + 1);
    const isLonger = !isBlank(lines[at + 1]);
    options.set(field[1] ?? '', [field[2] ?? '', ...(isLonger ? more.lines : [])].join(' ').trim());
    at = isLonger ? more.next : at + 1;
  }
  return { options, lines: dedent(lines.slice(at)) };
}

function optionAt(lines: readonly string[], at: number): RegExpExecArray | null {
  return /^:([\w-]+):(?: +(.*))?$/.exec(lines[at] ?? '');
}

function writeAdmonition(rst: Rst, { name, argument, lines, depth }: OpenDirective): void {
  if (name === 'admonition') {
    writeNote(rst, toText(rst, argument), lines, depth);
    return;
  }
  const isVersion = name.startsWith('version') || name === 'deprecated';
  const [, version = '', rest = ''] = isVersion ? (/^(\S*) ?(.*)$/.exec(argument) ?? []) : ['', '', argument];
  writeNote(rst, `${name} ${version}`.trim(), rest === '' ? lines : [rest, ...lines], depth);
}

function writeFigure(rst: Rst, { options, lines, depth }: OpenDirective): void {
  const parent = rst.writer.caption(toText(rst, options.get('alt') ?? ''));
  if (parent === -1 || lines.length > 0) rst.readBody(lines, { depth: depth + 1, isTop: false });
}

function writeTableDirective(rst: Rst, directive: OpenDirective): void {
  const { name, argument, options, lines, depth } = directive;
  rst.writer.caption(toText(rst, argument));
  const headerRows = Number(options.get('header-rows') ?? 0) || 0;
  const inline = (text: string) => ({ text: toText(rst, text) });
  if (name === 'csv-table') {
    const header = options.get('header');
    const text = [...(header === undefined ? [] : [header]), ...lines].join('\n').replace(/, +"/g, ',"');
    const rows = Papa.parse<string[]>(text, {
      delimiter: options.get('delim') ?? ',',
      skipEmptyLines: true,
    }).data;
    writeTable(
      rst.writer,
      rows.map((row) => row.map((cell) => inline(cell.trim()))),
      header === undefined ? headerRows : 1,
    );
  } else if (name === 'list-table') {
    writeTable(
      rst.writer,
      listRows(lines).map((row) => row.map(inline)),
      headerRows,
    );
  } else rst.readBody(lines, { depth: depth + 1, isTop: false });
}

/** Rows as items, cells as the items in them. */
function listRows(lines: readonly string[]): string[][] {
  const rows: string[][] = [];
  for (const line of lines) {
    const [, isRow, cell = ''] = /^(?:([*-]) +)?\s*[*-](?: +(.*)|$)/.exec(line) ?? [];
    const isCell = /^(?:[*-] +|\s+)[*-](?: |$)/.test(line);
    if (isRow !== undefined && isCell) rows.push([cell]);
    else if (isCell) rows.at(-1)?.push(cell);
    else if (!isBlank(line)) {
      const row = rows.at(-1);
      if (row !== undefined) row[row.length - 1] = `${row.at(-1)} ${line.trim()}`;
    }
  }
  return rows;
}
