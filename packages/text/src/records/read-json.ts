import type { TextDocument } from '@xnai/contracts';
import { ReadError } from '../read-error.ts';
import { DocumentWriter } from '../writer.ts';

type Json = string | readonly Json[] | { readonly [key: string]: Json };

/** Wider tables are read by nobody; such records are written value by value. */
const MAX_COLUMNS = 40;
/** Of the names above a value that are written before it. */
const MAX_PATH = 20;

/**
 * Reads JSON: records as the rows of a table, everything else as a definition under its path, such as
 * `server.ports[0].name`. Numbers keep every digit of the file.
 *
 * @throws {ReadError} DOCUMENT_NOT_READABLE when the text is no JSON
 * @throws {ReadError} DOCUMENT_TOO_LARGE when values are nested too deep
 */
export function readJson(text: string): TextDocument {
  return write(parse(text, 'The file'));
}

/**
 * Reads one JSON value a line (NDJSON, JSON Lines).
 *
 * @throws {ReadError} DOCUMENT_NOT_READABLE when a line is no JSON
 */
export function readJsonLines(text: string): TextDocument {
  const lines = text.split('\n').map((line, index) => [line, index + 1] as const);
  const values = lines
    .filter(([line]) => line.trim() !== '')
    .map(([line, number]) => parse(line, `Line ${number}`));
  return write(values);
}

function parse(text: string, place: string): Json {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''), (_key, value, context?: { source: string }) => {
      return value === null || typeof value === 'number' || typeof value === 'boolean'
        ? (context?.source ?? String(value))
        : value;
    });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(cause);
    // The engine's own words quote the text, which does not belong into a message that is logged.
    const reason = cause instanceof Error ? `: ${cause.message.replace(/, (?:\.\.\.)?".*$/s, '')}` : '';
    throw new ReadError('DOCUMENT_NOT_READABLE', { detail: `${place} is not valid JSON${reason}`, cause });
  }
}

function write(value: Json): TextDocument {
  const writer = new DocumentWriter({ inline: 'none' });
  try {
    writeValue(writer, value, []);
  } catch (cause) {
    throw cause instanceof RangeError ? tooDeep(cause) : cause;
  }
  return writer.end();
}

function tooDeep(cause: RangeError): ReadError {
  return new ReadError('DOCUMENT_TOO_LARGE', { detail: 'The values of the file are nested too deep', cause });
}

function writeValue(writer: DocumentWriter, value: Json, path: readonly string[]): void {
  const plain = plainText(value);
  if (plain !== undefined) {
    writer.definition(joinPath(path), plain);
    return;
  }
  const table = Array.isArray(value) ? toTable(value) : undefined;
  if (table !== undefined) {
    writer.caption(joinPath(path));
    const id = writer.table(table.columns);
    writer.row(id, table.columns, { isHeader: true });
    for (const record of table.records) {
      writer.row(
        id,
        table.columns.map((column) => record.get(column) ?? ''),
        { isHeader: false },
      );
    }
    return;
  }
  for (const [key, child] of Object.entries(value))
    writeValue(writer, child, [...path, Array.isArray(value) ? `[${key}]` : key]);
}

/** A value that can stand on one line: a word, or a list of words. */
function plainText(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return Object.keys(value).length === 0 ? '{}' : undefined;
  return value.every((each) => typeof each === 'string') ? value.join(', ') : undefined;
}

interface Table {
  readonly columns: readonly string[];
  readonly records: readonly ReadonlyMap<string, string>[];
}

/** Records with much the same fields; undefined for anything else. */
function toTable(values: readonly Json[]): Table | undefined {
  const records: Map<string, string>[] = [];
  const columns = new Set<string>();
  let filled = 0;
  for (const value of values) {
    const record = new Map<string, string>();
    if (typeof value === 'string' || Array.isArray(value) || !flatten(value, [], record)) return undefined;
    for (const column of record.keys()) columns.add(column);
    if (columns.size > MAX_COLUMNS) return undefined;
    filled += record.size;
    records.push(record);
  }
  const isDense = records.length > 1 && filled * 2 >= columns.size * records.length;
  return isDense ? { columns: [...columns], records } : undefined;
}

function flatten(value: Json, path: readonly string[], into: Map<string, string>): boolean {
  return Object.entries(value).every(([key, child]) => {
    const plain = plainText(child);
    if (plain !== undefined) return into.set(joinPath([...path, key]), plain) !== undefined;
    return !Array.isArray(child) && flatten(child, [...path, key], into);
  });
}

/** As JavaScript would write it: `a.b`, `list[0].name`, `exports["./x"]`. */
function joinPath(path: readonly string[]): string {
  const names = path.slice(-MAX_PATH).map((name) => {
    if (/^\[\d+\]$/.test(name)) return name;
    return /^[\p{L}\p{N}_$-]+$/u.test(name) ? `.${name}` : `["${name}"]`;
  });
  return `${path.length > MAX_PATH ? '…' : ''}${names.join('').replace(/^\./, '')}`;
}
