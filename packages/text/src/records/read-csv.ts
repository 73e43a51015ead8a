import type { TextDocument } from '@xnai/contracts';
import Papa from 'papaparse';
import { type SheetRow, writeSheet } from '../tables/write-sheet.ts';
import { DocumentWriter } from '../writer.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const PREVIEW_ROWS = 50;
const NUMBER = /^0x[\da-f]+$|^[-+(]?[\p{Sc}\s]*\d[\d\s.,'’]*[\p{Sc}\s%)]*$/iu;

/** Reads comma-separated values (RFC 4180), whatever letter separates them. Rows may have any number of values. */
export function readCsv(text: string, delimiter?: string): TextDocument {
  // Spreadsheet programs state the separator in a line of its own.
  const stated = /^\uFEFF?sep=(.)\r?\n/.exec(text);
  const body = stated === null ? text : text.slice(stated[0].length);
  const writer = new DocumentWriter({ inline: 'none' });
  writeSheet(writer, toRows(parse(body, stated?.[1] ?? delimiter ?? findDelimiter(body))));
  return writer.end();
}

function parse(text: string, delimiter: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter });
  // A quote that never ends would swallow every row that follows, so quotes are letters in such a file.
  const isOpen = errors.some((error) => error.code === 'MissingQuotes');
  return isOpen ? Papa.parse<string[]>(text, { delimiter, quoteChar: '\0' }).data : data;
}

/** The separator that gives most of the first rows as many values as the first, and more than one. */
function findDelimiter(text: string): string {
  const rated = DELIMITERS.map((delimiter) => {
    const rows = Papa.parse<string[]>(text, { delimiter, preview: PREVIEW_ROWS, skipEmptyLines: true }).data;
    const width = rows[0]?.length ?? 0;
    return { delimiter, width, even: width < 2 ? 0 : rows.filter((row) => row.length === width).length };
  });
  return rated.reduce((best, each) =>
    each.even > best.even || (each.even === best.even && each.width > best.width) ? each : best,
  ).delimiter;
}

function toRows(lines: readonly (readonly string[])[]): SheetRow[] {
  return lines.flatMap((line, index) => {
    const cells = new Map(
      line.flatMap((value, column) => {
        const text = value.trim();
        return text === '' ? [] : [[column, { text, isNumber: NUMBER.test(text) }] as const];
      }),
    );
    return cells.size === 0 ? [] : [{ number: index + 1, cells }];
  });
}
