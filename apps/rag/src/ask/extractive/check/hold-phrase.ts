import type { Question } from '../../question/question.ts';
import { tellingWords, wordsOf } from '../../text/words.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';

/**
 * A question of function words alone ("Who is it?") says nothing but those words: only a statement that has them in a row
 * can be about it.
 */
export function holdPhrase(
  { text }: Question,
  statements: readonly RankedStatement[],
): readonly RankedStatement[] {
  if (tellingWords(text).length > 0) return statements;
  const phrase = inARow(text);
  return statements.filter(({ evidence, entry: { statement } }) =>
    inARow(evidence.found.chunk.text.slice(statement.start, statement.fullEnd)).includes(phrase),
  );
}

function inARow(text: string): string {
  return ` ${wordsOf(text)
    .map(({ stem }) => stem)
    .join(' ')} `;
}
