import { type ChatHistoryItem, type ChatWrapper, type LlamaModel, SpecialTokensText } from 'node-llama-cpp';
import type { Prompt, Tool } from '../model.ts';

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

/**
 * Breaks the marks in all that a chat says. The tools stand in the template's own text, so that special tokens in them
 * are broken too.
 */
export function createGuard(model: LlamaModel, marks: readonly string[]) {
  const broken = (text: string) => breakMarks(text, marks);
  const special = (text: string) =>
    model
      .tokenize(text, true)
      .flatMap((token) => (model.isSpecialToken(token) ? [model.detokenize([token], true)] : []));
  const guardTool = (tool: Tool): Tool => {
    const text = JSON.stringify(tool);
    return JSON.parse(breakMarks(broken(text), special(text))) as Tool;
  };
  return ({ kind, messages, tools }: Extract<Prompt, { kind: 'chat' }>) => ({
    kind,
    messages: messages.map(({ content, calls, ...message }) => ({
      ...message,
      content: broken(content),
      ...(calls && { calls: calls.map((call) => ({ ...call, result: broken(call.result) })) }),
    })),
    ...(tools && { tools: tools.map(guardTool) }),
  });
}

/** Inserts a space into each mark of a text, which stays readable but is no mark any more. */
function breakMarks(text: string, marks: readonly string[]): string {
  return marks.reduce(
    (broken, mark) => broken.replaceAll(mark, `${mark.slice(0, 1)} ${mark.slice(1)}`),
    text,
  );
}
