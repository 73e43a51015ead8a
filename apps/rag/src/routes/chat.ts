import { ChatCompletion, ChatCompletionRequest } from '@xnai/contracts';
import type { App } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import { type ChatSource, streamChat, wholeChat } from '../openai/chat-answer.ts';
import { answerFromIndex } from '../openai/chat-from-index.ts';
import { answerFromModel } from '../openai/chat-from-model.ts';
import { isToolTalk, toChatMessage } from '../openai/generate-request.ts';
import { readModelName } from '../openai/model-name.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';
import { isUiPrompt } from '../openai/ui-prompt.ts';

export function chatRoutes(app: App, deps: OpenAiDeps): void {
  app.post(
    '/v1/chat/completions',
    {
      config: {
        scope: 'query',
        textAnswer: {
          type: 'text/event-stream',
          description: 'With `stream`: `chat.completion.chunk`s, then `[DONE]`',
        },
      },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        summary: 'Chats with the model, or with a collection as `rag:{collection}`',
        body: ChatCompletionRequest,
        response: { 200: ChatCompletion },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const source = sourceOf(deps, body, request);
      return body.stream ? streamChat(source, body, { request, reply }) : wholeChat(source, body);
    },
  );
}

function sourceOf(
  { models, ask }: OpenAiDeps,
  body: ChatCompletionRequest,
  request: FastifyRequest,
): ChatSource {
  const target = readModelName(body.model, models.generator);
  const messages = body.messages.map(toChatMessage);
  const isForUi = isUiPrompt(messages);
  // A title is not waited for: questions go ahead of it.
  const priority = isForUi || body.service_tier === 'flex' ? 'background' : 'interactive';
  const options = { signal: request.signal, deadline: request.deadline, priority } as const;
  if (target.kind === 'model' || isForUi)
    return answerFromModel(models.generator, { body, messages }, options);
  const told = body.messages.filter((message) => !isToolTalk(message)).map(toChatMessage);
  return answerFromIndex(ask, { body, messages: told, collection: target.collection }, options);
}
