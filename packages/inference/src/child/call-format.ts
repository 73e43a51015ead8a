import {
  type ChatWrapper,
  type LlamaModel,
  LlamaText,
  SpecialToken,
  SpecialTokensText,
} from 'node-llama-cpp';

/** How the calls of tools are written in the words of a model. */
export interface CallFormat {
  /** The text before the first name. */
  readonly opening: string;
  /** The beginning of `opening` that nothing but a call has. */
  readonly mark: string;
  /** Whether the mark could be a part of an answer, so that only one at its beginning counts. */
  readonly isOnlyAtStart: boolean;
  /** Between a name and its arguments. */
  readonly beforeArguments: (name: string) => string;
  readonly afterArguments: (name: string) => string;
  /** From the end of one call to the name of the next; undefined when the template has no form for several. */
  readonly beforeNext: string | undefined;
  /** After the last call. */
  readonly closing: string;
}

/**
 * The form in the model's template, as node-llama-cpp found it by rendering a call, or else the general form of that
 * library: `||call: name({"a": 1})`.
 */
export function readCallFormat(model: LlamaModel, { settings }: ChatWrapper): CallFormat {
  const { call, parallelism } = settings.functions;
  const read = (text: string | LlamaText | undefined, name = '') =>
    untilEnd(model, text ?? '').replaceAll('{{functionName}}', name);
  const prefix = read(call.prefix);
  const opening = `${read(parallelism?.call.sectionPrefix)}${prefix}`.trimStart();
  const [mark] = MARK.exec(opening) ?? [];
  return {
    opening,
    mark: mark ?? /^\S*/.exec(opening)?.[0] ?? opening,
    isOnlyAtStart: mark === undefined,
    beforeArguments: (name) => read(call.paramsPrefix, name),
    afterArguments: (name) => read(call.suffix, name),
    beforeNext: parallelism && `${read(parallelism.call.betweenCalls)}${prefix}`,
    closing: read(parallelism?.call.sectionSuffix),
  };
}

/** A word in brackets, such as `<tool_call>` or `[TOOL_CALLS]`, or the mark of the general form. */
const MARK = /^(<[^<>\s]+>|\[[A-Z_]+\]|\|\|call:)/;

/** The text up to the first token that ends an answer. */
function untilEnd(model: LlamaModel, text: string | LlamaText): string {
  let read = '';
  for (const value of LlamaText(text).values) {
    if (value instanceof SpecialToken) return read;
    const part = typeof value === 'string' ? value : value.value;
    const end = value instanceof SpecialTokensText ? endOf(model, part) : undefined;
    if (end !== undefined) return read + part.slice(0, part.indexOf(end));
    read += part;
  }
  return read;
}

function endOf(model: LlamaModel, text: string): string | undefined {
  const token = model.tokenize(text, true).find((one) => model.isEogToken(one));
  return token === undefined ? undefined : model.detokenize([token], true);
}
