import {
  type ChatCompletionRequest,
  type Citation,
  MAX_QUERY_CHARS,
  QueryRequest,
  type QueryResponse,
} from '@xnai/contracts';
import type { ChatMessage, ModelCallOptions } from '@xnai/inference';
import { chooseSeed, createReplyStream } from '@xnai/inference';
import { ServiceError } from '@xnai/service';
import type { Ask } from '../ask/ask.ts';
import { askingPartOf } from '../ask/question/asking-part.ts';
import { annotate } from './annotations.ts';
import type { ChatEvent } from './chat-event.ts';
import type { LinkTo } from './document-links.ts';
import { maxTokensOf, stopsOf } from './generate-request.ts';
import { type Conversation, conversationOf } from './turns.ts';
import { fromOwnUsage } from './usage.ts';

export interface IndexChat {
  readonly body: ChatCompletionRequest;
  readonly messages: readonly ChatMessage[];
  readonly collection: string;
  readonly linkTo: LinkTo;
}

/** Answers the last question of a chat from a collection, with its citations beside the choices. */
export async function* answerFromIndex(
  ask: Ask,
  chat: IndexChat,
  { signal, ...options }: ModelCallOptions,
): AsyncGenerator<ChatEvent, void, void> {
  const conversation = conversationOf(chat.messages);
  const request = toQuery(chat, conversation);
  const { before } = conversation;
  const gone = new AbortController();
  const events = createReplyStream<ChatEvent>();
  const listener = {
    sources: async (citations: readonly Citation[]) => events.push({ type: 'begin', extra: { citations } }),
    token: async (text: string) => events.push({ type: 'text', text }),
  };
  const both = AbortSignal.any([gone.signal, ...(signal === undefined ? [] : [signal])]);
  // An answer that is sent whole has no listener, so that an extractive one can replace it when the model fails.
  const isStreamed = chat.body.stream === true;
  const heard = isStreamed ? { listener } : {};
  const answering = ask(request, { ...options, before, signal: both, ...heard }).then(
    (response) => {
      if (!isStreamed) events.push({ type: 'text', text: response.answer });
      events.push(endOf(response, chat.linkTo));
      events.end();
    },
    (error: unknown) => events.fail(error),
  );
  try {
    yield* events;
  } finally {
    gone.abort(new DOMException('The client has left', 'AbortError'));
    await answering;
  }
}

/** Options that an index cannot honour are refused, not ignored. */
function toQuery({ body, collection }: IndexChat, { question }: Conversation): QueryRequest {
  refuse(body);
  const parsed = QueryRequest.safeParse({
    query: searchable(question),
    collection,
    max_tokens: capped(maxTokensOf(body)),
    temperature: body.temperature ?? undefined,
    seed: body.seed == null ? undefined : chooseSeed(body.seed),
  });
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues[0]?.message ?? 'not a question';
  throw new ServiceError('VALIDATION', {
    detail: `the last user message is the question: ${message}`,
    errors: [{ path: 'messages', message }],
  });
}

/** What a message asks, which may be long. */
function searchable(question: string): string {
  return question.length <= MAX_QUERY_CHARS
    ? question
    : askingPartOf(question).slice(-MAX_QUERY_CHARS).trim();
}

const MOST_TOKENS = 4096;

function capped(tokens: number | undefined): number | undefined {
  return tokens === undefined ? undefined : Math.min(tokens, MOST_TOKENS);
}

function refuse({ response_format, ...body }: ChatCompletionRequest): void {
  const path = response_format != null && response_format.type !== 'text' ? 'response_format' : 'stop';
  if (path === 'stop' && stopsOf(body) === undefined) return;
  const message = 'is not possible for answers from a collection; use the model itself';
  throw new ServiceError('VALIDATION', { detail: `${path} ${message}`, errors: [{ path, message }] });
}

/** All that is known of the answer but its text stands beside the choices. */
function endOf(
  { answer, finish_reason, usage, timings, ...extra }: QueryResponse,
  linkTo: LinkTo,
): ChatEvent {
  return {
    type: 'end',
    finish: finish_reason ?? 'stop',
    usage: fromOwnUsage(usage),
    annotations: annotate(answer, extra.citations, linkTo),
    extra: { ...extra, rag_timings: timings },
  };
}
