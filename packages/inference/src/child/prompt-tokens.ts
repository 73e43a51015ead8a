import {
  type ChatHistoryItem,
  type ChatModelFunctionCall,
  type ChatModelFunctions,
  type ChatWrapper,
  type LlamaModel,
  LlamaText,
  resolveChatWrapper,
  SpecialTokensText,
  type Token,
} from 'node-llama-cpp';
import type { AnsweredCall, ChatMessage, Prompt, Tool } from '../model.ts';
import { readCallFormat } from './call-format.ts';
import { createGuard, forgeableMarks } from './template-marks.ts';
import { findThoughtMarks, readThoughtOpening } from './thought-marks.ts';

export interface PromptTokens {
  readonly tokens: Token[];
  /** In addition to the model's own end tokens. */
  readonly stopTokens: ReadonlySet<Token>;
  readonly stopTexts: readonly string[];
  /** Whether the prompt ends within a thought. */
  readonly beginsInThought: boolean;
}

export type Prompter = ReturnType<typeof createPrompter>;

type Chat = Extract<Prompt, { kind: 'chat' }>;

/**
 * Renders prompts with the model's own chat template. Only the template's text may become special tokens: the texts of
 * users and documents are tokenized as plain text, so that an injected `<|im_end|>` is ten plain characters.
 */
export function createPrompter(model: LlamaModel, warn: (message: string) => void) {
  const template = model.fileInfo.metadata.tokenizer?.chat_template ?? '';
  const wrapper = chooseWrapper(model, warn);
  const guard = createGuard(model, forgeableMarks(model, wrapper));
  const thought = findThoughtMarks(template);
  const thoughtOpening = thought && readThoughtOpening(template, thought);
  const render = (chat: Chat, opening?: string) => renderChat(model, wrapper, { chat: guard(chat), opening });
  const calls = readCallFormat(model, wrapper);
  return {
    calls,
    thought,
    /** Special tokens in the marks of thoughts and calls. */
    specialMarks: specialTokensOf(model, [calls.opening, thought?.open ?? '', thought?.close ?? '']),
    tokenize: (prompt: Prompt, { thinks = false } = {}): PromptTokens =>
      prompt.kind === 'chat'
        ? render(prompt, thinks && !isContinued(prompt) ? thoughtOpening : undefined)
        : plainText(model, prompt.text),
    /** The common beginning of all chats that begin with this system text. */
    prefixTokens(systemText: string): Token[] {
      const [a, b] = ['a', '0'].map((content) => {
        const messages = [
          { role: 'system', content: systemText } as const,
          { role: 'user', content } as const,
        ];
        return render({ kind: 'chat', messages }).tokens;
      }) as [Token[], Token[]];
      const differs = a.findIndex((token, index) => token !== b[index]);
      return differs === -1 ? a : a.slice(0, differs);
    },
  };
}

function specialTokensOf(model: LlamaModel, texts: readonly string[]): ReadonlySet<Token> {
  return new Set(
    texts.flatMap((text) => model.tokenize(text, true).filter((token) => model.isSpecialToken(token))),
  );
}

/** Whether the model goes on with a message that has begun. */
function isContinued({ messages }: Chat): boolean {
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.calls === undefined;
}

/** The model's own template, or, with a warning, the one that the library chooses by the model's name and kind. */
function chooseWrapper(model: LlamaModel, warn: (message: string) => void): ChatWrapper {
  const template = model.fileInfo.metadata.tokenizer?.chat_template?.trim();
  const options = { warningLogs: false };
  try {
    const wrapper = resolveChatWrapper(model, { ...options, fallbackToOtherWrappersOnJinjaError: false });
    if (!template) warn(`the model has no chat template; the one of "${wrapper.wrapperName}" is used`);
    return wrapper;
  } catch (error) {
    const wrapper = resolveChatWrapper(model, { ...options, noJinja: true });
    const reason = error instanceof Error ? error.message : String(error);
    warn(`the model's chat template cannot be used (${reason}); the one of "${wrapper.wrapperName}" is used`);
    return wrapper;
  }
}

function plainText(model: LlamaModel, text: string): PromptTokens {
  const { bos, shouldPrependBosToken } = model.tokens;
  const start = bos !== null && shouldPrependBosToken ? [bos] : [];
  const tokens = [...start, ...model.tokenize(text)];
  return { tokens, stopTokens: new Set(), stopTexts: [], beginsInThought: false };
}

interface Rendering {
  readonly chat: Chat;
  /** The beginning of a thought, set after the prompt. */
  readonly opening: string | undefined;
}

function renderChat(model: LlamaModel, wrapper: ChatWrapper, { chat, opening }: Rendering): PromptTokens {
  const { contextText, stopGenerationTriggers } = wrapper.generateContextState({
    chatHistory: history(chat.messages),
    ...(chat.tools && { availableFunctions: functionsOf(chat.tools), documentFunctionParams: true }),
  });
  const stopTokens = new Set<Token>();
  const stopTexts: string[] = [];
  for (const trigger of stopGenerationTriggers) {
    const tokens = LlamaText(trigger).tokenize(model.tokenizer);
    const [only] = tokens;
    if (tokens.length === 1 && only !== undefined && model.isSpecialToken(only)) stopTokens.add(only);
    else if (trigger.values.every((value) => typeof value === 'string')) stopTexts.push(trigger.toString());
  }
  const text = opening === undefined ? contextText : LlamaText([contextText, new SpecialTokensText(opening)]);
  const tokens = text.tokenize(model.tokenizer);
  return { tokens, stopTokens, stopTexts: stopTexts.filter(Boolean), beginsInThought: opening !== undefined };
}

/** The last turn is the one that the model writes: an empty one after a user, and the same one after an assistant. */
function history(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const items = messages.map(historyItem);
  return items.at(-1)?.type === 'model' ? items : [...items, { type: 'model', response: [] }];
}

function historyItem({ role, content, calls = [] }: ChatMessage): ChatHistoryItem {
  switch (role) {
    case 'system':
      return { type: 'system', text: LlamaText(content).toJSON() };
    case 'user':
      return { type: 'user', text: content };
    case 'assistant':
      return { type: 'model', response: [...(content === '' ? [] : [content]), ...calls.map(callItem)] };
  }
}

function callItem({ name, arguments: params, result }: AnsweredCall, index: number): ChatModelFunctionCall {
  return { type: 'functionCall', name, params, result: valueOrText(result), startsNewChunk: index === 0 };
}

/** The library writes values as JSON, a text in quotes. */
function valueOrText(result: string): unknown {
  try {
    return JSON.parse(result);
  } catch {
    return result;
  }
}

function functionsOf(tools: readonly Tool[]): ChatModelFunctions {
  const described = tools.map(({ name, description, parameters }) => [
    name,
    { description, params: parameters },
  ]);
  return Object.fromEntries(described);
}
