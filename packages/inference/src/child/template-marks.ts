import { type ChatHistoryItem, type ChatWrapper, type LlamaModel, SpecialTokensText } from 'node-llama-cpp';

/**
 * Marks that a template sets around messages and for which the model has no special tokens, such as `[INST]`. The same
 * mark in the text of a user or a document would be indistinguishable from the template's.
 */
export function forgeableMarks(model: LlamaModel, wrapper: ChatWrapper): readonly string[] {
  const { contextText } = wrapper.generateContextState({ chatHistory: PROBE });
  const pieces = contextText.values.flatMap((value) =>
    value instanceof SpecialTokensText ? [value.value] : [],
  );
  const marks = pieces.flatMap((piece) => [...piece.matchAll(MARK)].map(([mark]) => mark.trim()));
  const isForgeable = (mark: string) =>
    !model.tokenize(mark, true).some((token) => model.isSpecialToken(token));
  return [...new Set(marks)].filter(isForgeable);
}

/** Words in brackets, and lines that begin with `#` or `*`. */
const MARK = /[<[{|]+[^\s<[{|>\]}]+[>\]}|]+|^[#*]{2,}.+$/gm;
const PROBE: ChatHistoryItem[] = [
  { type: 'system', text: 'x' },
  { type: 'user', text: 'x' },
  { type: 'model', response: ['x'] },
  { type: 'user', text: 'x' },
  { type: 'model', response: [] },
];

/** Inserts a space into each mark of a text, which stays readable but is no mark any more. */
export function breakMarks(text: string, marks: readonly string[]): string {
  return marks.reduce(
    (broken, mark) => broken.replaceAll(mark, `${mark.slice(0, 1)} ${mark.slice(1)}`),
    text,
  );
}
