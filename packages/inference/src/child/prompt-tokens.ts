import {
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaModel,
  LlamaText,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import type { ChatMessage, Prompt } from '../model.ts';
import { breakMarks, forgeableMarks } from './template-marks.ts';

export interface PromptTokens {
  readonly tokens: Token[];
  /** In addition to the model's own end tokens. */
  readonly stopTokens: ReadonlySet<Token>;
  readonly stopTexts: readonly string[];
}

export type Prompter = ReturnType<typeof createPrompter>;

/**
 * Renders prompts with the model's own chat template. Only the template's text may become special tokens: the texts of
 * users and documents are tokenized as plain text, so that an injected `<|im_end|>` is ten plain characters.
 */
export function createPrompter(model: LlamaModel, warn: (message: string) => void) {
  const wrapper = chooseWrapper(model, warn);
  const marks = forgeableMarks(model, wrapper);
  const guarded = (message: ChatMessage) => ({ ...message, content: breakMarks(message.content, marks) });
  const render = (messages: readonly ChatMessage[]) => renderChat(model, wrapper, messages.map(guarded));
  return {
    tokenize: (prompt: Prompt): PromptTokens =>
      prompt.kind === 'chat' ? render(prompt.messages) : plainText(model, prompt.text),
    /** The common beginning of all chats that begin with this system text. */
    prefixTokens(systemText: string): Token[] {
      const [a, b] = ['a', '0'].map(
        (content) =>
          render([
            { role: 'system', content: systemText },
            { role: 'user', content },
          ]).tokens,
      ) as [Token[], Token[]];
      const differs = a.findIndex((token, index) => token !== b[index]);
      return differs === -1 ? a : a.slice(0, differs);
    },
  };
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
  return { tokens: [...start, ...model.tokenize(text)], stopTokens: new Set(), stopTexts: [] };
}

function renderChat(model: LlamaModel, wrapper: ChatWrapper, messages: readonly ChatMessage[]): PromptTokens {
  const { contextText, stopGenerationTriggers } = wrapper.generateContextState({
    chatHistory: history(messages),
  });
  const stopTokens = new Set<Token>();
  const stopTexts: string[] = [];
  for (const trigger of stopGenerationTriggers) {
    const tokens = LlamaText(trigger).tokenize(model.tokenizer);
    const [only] = tokens;
    if (tokens.length === 1 && only !== undefined && model.isSpecialToken(only)) stopTokens.add(only);
    else if (trigger.values.every((value) => typeof value === 'string')) stopTexts.push(trigger.toString());
  }
  return { tokens: contextText.tokenize(model.tokenizer), stopTokens, stopTexts: stopTexts.filter(Boolean) };
}

/** The last, empty turn is the one that the model writes. */
function history(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  return [...messages.map(historyItem), { type: 'model', response: [] }];
}

function historyItem({ role, content }: ChatMessage): ChatHistoryItem {
  switch (role) {
    case 'system':
      return { type: 'system', text: LlamaText(content).toJSON() };
    case 'user':
      return { type: 'user', text: content };
    case 'assistant':
      return { type: 'model', response: [content] };
  }
}
