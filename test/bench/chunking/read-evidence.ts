import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A stretch of a text in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Question {
  readonly corpus: string;
  /** The passages that answer it, word for word. */
  readonly evidence: readonly Span[];
}

export interface EvidenceSet {
  readonly corpora: ReadonlyMap<string, string>;
  readonly questions: readonly Question[];
}

/**
 * Reads the set of the Chroma report on chunking (github.com/brandonstarxel/chunking_evaluation): `questions_df.csv`,
 * and a text `CORPUS.md` for each corpus that it names, gzipped.
 */
export async function readEvidence(folder: string): Promise<EvidenceSet> {
  const [, ...rows] = parseCsv(await readText(folder, 'questions_df.csv.gz'));
  const corpora = new Map<string, string>();
  const questions: Question[] = [];
  for (const [, references = '[]', corpus = ''] of rows) {
    const text = corpora.get(corpus) ?? (await readText(folder, `${corpus}.md.gz`));
    corpora.set(corpus, text);
    questions.push({ corpus, evidence: toEvidence(text, JSON.parse(references)) });
  }
  return { corpora, questions };
}

async function readText(folder: string, name: string): Promise<string> {
  return gunzipSync(await readFile(join(folder, name))).toString('utf8');
}

interface Reference {
  readonly content: string;
  readonly start_index: number;
}

function toEvidence(text: string, references: readonly Reference[]): Span[] {
  return references.map(({ content, start_index: start }) => {
    const end = start + content.length;
    if (text.slice(start, end) !== content)
      throw new Error(`the text does not have "${content}" at ${start}`);
    return { start, end };
  });
}

/** Records of a CSV file whose fields may be quoted (RFC 4180). */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, mark] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (mark !== ',') records.push([]);
  }
  return records.filter((fields) => fields.length > 1);
}
