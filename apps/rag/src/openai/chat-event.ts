import type { ChatCompletion, UrlCitation } from '@xnai/contracts';

/** One answer in a chat, wherever it comes from. `extra` rides beside `choices`; a further `begin` replaces that before. */
export type ChatEvent =
  | { readonly type: 'begin'; readonly extra: object }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'call'; readonly name: string }
  /** A part of the arguments of the last call. */
  | { readonly type: 'arguments'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finish: 'stop' | 'length' | 'tool_calls';
      readonly usage: ChatCompletion['usage'];
      /** Where the answer has citations. */
      readonly annotations?: readonly UrlCitation[];
      readonly extra: object;
    };

export type ChatSource = AsyncIterable<ChatEvent>;
