import { type ChatHistoryItem, type ChatWrapper, type LlamaModel, SpecialTokensText } from 'node-llama-cpp';

/**
 * What a template sets around messages and the model has no tokens of its own for, such as `[INST]`: written by a user
 * or a document it would be the same as the template's.
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

/** Bracketed words, and lines that begin with signs. */
const MARK = /[<[{|]+[^\s<[{|>\]}]+[>\]}|]+|^[#*]{2,}.+$/gm;
const PROBE: ChatHistoryItem[] = [
  { type: 'system', text: 'x' },
  { type: 'user', text: 'x' },
  { type: 'model', response: ['x'] },
  { type: 'user', text: 'x' },
  { type: 'model', response: [] },
];

/** The marks in a text get a space in them: readable still, and no marks. */
export function breakMarks(text: string, marks: readonly string[]): string {
  return marks.reduce(
    (broken, mark) => broken.replaceAll(mark, `${mark.slice(0, 1)} ${mark.slice(1)}`),
    text,
  );
}
