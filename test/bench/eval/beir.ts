import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface EvalDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface EvalQuery {
  readonly id: string;
  readonly text: string;
  /** Any of these is a right answer; empty when the set has none. */
  readonly answers: readonly string[];
  /** The set says that its documents do not answer it. */
  readonly isImpossible: boolean;
}

/** Grades by document, by query; only what the file judges. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface EvalSet {
  readonly documents: readonly EvalDocument[];
  readonly queries: readonly EvalQuery[];
  readonly judgements: Judgements;
}

/**
 * Reads a folder in the layout of BEIR: `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (or `qrels/test.tsv`), each
 * plain or gzipped. Takes numeric ids, missing titles, and qrels without a header or in the four columns of TREC.
 */
export async function readEvalSet(folder: string): Promise<EvalSet> {
  const corpus = await readLines(folder, ['corpus.jsonl']);
  const queries = await readLines(folder, ['queries.jsonl']);
  const qrels = await readLines(folder, QRELS_FILES, { isOptional: true });
  return {
    documents: corpus.map(toDocument),
    queries: queries.map(toQuery),
    judgements: readJudgements(qrels),
  };
}

const QRELS_FILES = ['qrels.tsv', 'qrels/test.tsv', 'qrels.txt', 'qrels/dev.tsv', 'qrels/train.tsv'];

async function readLines(
  folder: string,
  names: readonly string[],
  { isOptional = false } = {},
): Promise<readonly string[]> {
  const paths = names.flatMap((name) => [join(folder, name), join(folder, `${name}.gz`)]);
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined && isOptional) return [];
  if (path === undefined) throw new Error(`${folder} has no ${names[0]} and no ${names[0]}.gz`);
  const bytes = await readFile(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
}

type Fields = Readonly<Record<string, unknown>>;

function parseLine(line: string, number: number): Fields {
  try {
    return JSON.parse(line) as Fields;
  } catch (cause) {
    throw new Error(`line ${number + 1} is not JSON: ${line.slice(0, 80)}`, { cause });
  }
}

function toDocument(line: string, number: number): EvalDocument {
  const fields = parseLine(line, number);
  return {
    id: idOf(fields, number),
    title: textOf(fields['title']),
    text: textOf(fields['text'] ?? fields['contents']),
  };
}

function toQuery(line: string, number: number): EvalQuery {
  const fields = parseLine(line, number);
  const metadata = (fields['metadata'] ?? {}) as Fields;
  return {
    id: idOf(fields, number),
    text: textOf(fields['text'] ?? fields['query'] ?? fields['question']),
    answers: answersOf(fields['answers'] ?? fields['answer'] ?? metadata['answers']),
    isImpossible: (fields['is_impossible'] ?? metadata['is_impossible'] ?? false) === true,
  };
}

function idOf(fields: Fields, number: number): string {
  const id = fields['_id'] ?? fields['id'];
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new Error(`line ${number + 1} has no _id`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A string, a list of strings or of `{text}`, or the `{text: []}` of SQuAD. */
function answersOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(answersOf);
  return answersOf((value as Fields)['text']);
}

function readJudgements(lines: readonly string[]): Judgements {
  const judgements = new Map<string, Map<string, number>>();
  for (const [number, line] of lines.entries()) {
    const columns = line.includes('\t') ? line.split('\t') : line.trim().split(/\s+/);
    const [query, document, grade] = columns.length >= 4 ? [columns[0], columns[2], columns[3]] : columns;
    const value = Number(grade);
    if (query === undefined || document === undefined || grade === undefined || Number.isNaN(value)) {
      if (number === 0) continue;
      throw new Error(
        `line ${number + 1} of the qrels is not "query, document, grade": ${line.slice(0, 80)}`,
      );
    }
    const known = judgements.get(query) ?? new Map<string, number>();
    known.set(document, value);
    judgements.set(query, known);
  }
  return judgements;
}
