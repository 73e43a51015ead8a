import { ChatCompletion, ChatCompletionRequest } from '@xnai/contracts';
import type { App } from '@xnai/service';
import { streamChat, wholeChat } from '../openai/chat-answer.ts';
import { chatSource } from '../openai/chat-source.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';

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
      const source = chatSource(deps, body, request);
      return body.stream ? streamChat(source, body, { request, reply }) : wholeChat(source, body);
    },
  );
}
