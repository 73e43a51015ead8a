import { readFile } from 'node:fs/promises';
import { replaceNumber } from './replace-number.ts';

/** A number that was chosen by what answers become with it. */
export interface Weight {
  /** Its constant, or a table and the entry. */
  readonly name: string;
  /** The module of rag that states it, as a URL. */
  readonly module: string;
  /** Search finds other chunks with another value, or answers are made otherwise out of the same. */
  readonly of: 'search' | 'answers';
}

const SEARCH = {
  'store/page-evidence.ts': ['RANKED_BY_PAGE', 'PAGE_WEIGHT', 'BEST_OF_PAGE'],
  'store/term-columns.ts': ['title', 'heading', 'context', 'parts'].map(
    (column) => `COLUMN_WEIGHTS.${column}`,
  ),
};

const FEATURES =
  'own byLead byHeading byPrevious leadMatch headingMatch titleMatch adjacency literalLead defines isOption form quantity standing isLabel isSymbols isCode isQuestion isTrouble isFirst';

const ANSWERS = {
  'ask/find-candidates.ts': ['CANDIDATE_CHUNKS', 'OPENED_DOCUMENTS', 'CONTINUED_CHUNKS'],
  'ask/extractive/check/hold-scope.ts': ['TITLES_OF_SCOPE'],
  'ask/extractive/rank/rank-statements.ts': FEATURES.split(' ').map(
    (feature) => `FEATURE_WEIGHTS.${feature}`,
  ),
  'ask/extractive/match-terms.ts': ['IN_PIECES', 'RELATED', 'SYNONYM'],
  'ask/question/question.ts': ['WEAK_EMPHASIS', 'LENT_EMPHASIS'],
  'ask/extractive/weigh-terms.ts': ['SMOOTHING_CHUNKS'],
  'ask/extractive/check/relevance.ts': [
    'LEAST.chunk',
    'LEAST.window',
    'LEAST_WITHOUT_A_WORD.window',
    'LEAST_WITHOUT_A_WORD.statement',
    'FULL_SIZE_CHUNKS',
    'LENIENCY',
  ],
  'ask/extractive/check/hold-value.ts': ['LEAST_OF_SUBJECT'],
  'ask/extractive/quotes/select-quotes.ts': [
    'MAX_SENTENCES',
    'NEAR_BEST',
    'NEAR_INDEX',
    'LEAST_OF_BEST',
    'SAME_STEMS',
  ],
  'ask/extractive/quotes/whole-list.ts': ['LEAST_OF_SUBJECT', 'AS_GOOD'],
  'ask/extractive/quotes/siblings.ts': ['AS_RARE'],
};

export const WEIGHTS: readonly Weight[] = [...listOf('search', SEARCH), ...listOf('answers', ANSWERS)];

function listOf(of: Weight['of'], files: Readonly<Record<string, readonly string[]>>): Weight[] {
  return Object.entries(files).flatMap(([file, names]) => {
    const module = new URL(`../../../../apps/rag/src/${file}`, import.meta.url).href;
    return names.map((name) => ({ name, module, of }));
  });
}

/** @throws {Error} when its module does not state it once */
export async function statedValue({ module, name }: Weight): Promise<number> {
  let value = Number.NaN;
  replaceNumber(await readFile(new URL(module), 'utf8'), name, (stated) => {
    value = stated;
    return stated;
  });
  return value;
}
