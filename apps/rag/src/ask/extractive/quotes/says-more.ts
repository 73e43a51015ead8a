import type { Question } from '../../question/question.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';

/** Neither a label only, nor an entry of an index, nor since when a thing is so where another thing is asked. */
export function saysMore(candidate: RankedStatement, question: Question): boolean {
  return (
    !isBareLabel(candidate) &&
    !isOfIndex(candidate) &&
    !isReference(candidate) &&
    !(isHistory(candidate) && !ASKS_FOR_HISTORY.test(question.text))
  );
}

/** "Changed in version 3.9: …" */
const HISTORY =
  /^[*_]*(?:(?:changed|added|new|deprecated|removed) (?:in|since)|since) (?:version|release|v?\d)/i;
const ASKS_FOR_HISTORY = /\b(?:since|when|version|release|changed?|new|added|deprecated|removed)\b|\d\.\d/i;

function isHistory({ entry: { own } }: RankedStatement): boolean {
  return HISTORY.test(own.text);
}

/** Sections that only say where more is to be read. */
const SEE_ALSO =
  /^(?:see also|further reading|references|bibliography|siehe auch|voir aussi|véase también|vedere anche|veja também|zie ook|関連項目|参照|参见|参阅|см\. также)$/i;

function isReference({ evidence: { found } }: RankedStatement): boolean {
  return SEE_ALSO.test(found.chunk.heading.at(-1)?.trim() ?? '');
}

/** An entry of the index of a book, under a heading of one letter, says only where something stands. */
export function isOfIndex({
  evidence: { found, passage },
  entry: { own, statement },
}: RankedStatement): boolean {
  const isUnderLetter = /^(?:\p{L}|symbols?|numbers?|symbole|symboles|símbolos)$/iu.test(
    found.chunk.heading.at(-1) ?? '',
  );
  const { kind } = passage.blocks[statement.block] ?? {};
  return isUnderLetter && kind !== 'code' && !/[.!?]["')\]]*$/.test(own.text);
}

/** A caption, or a line without an end that introduces nothing: an item of a list may be short. */
function isBareLabel({ evidence, entry: { statement } }: RankedStatement): boolean {
  const { kind, block, end, fullEnd } = statement;
  return kind === 'label' && end === fullEnd && evidence.passage.blocks[block]?.kind !== 'item';
}
