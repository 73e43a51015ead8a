import type { ChatCompletionRequest } from '@xnai/contracts';
import type { FastifyRequest } from 'fastify';
import type { ChatSource } from './chat-answer.ts';
import { answerFromIndex } from './chat-from-index.ts';
import { answerFromModel } from './chat-from-model.ts';
import { consoleLinks, type LinkTo } from './document-links.ts';
import { isToolTalk, toChatMessage } from './generate-request.ts';
import { readModelName } from './model-name.ts';
import type { OpenAiDeps } from './openai-deps.ts';
import { isUiPrompt } from './ui-prompt.ts';

/** The answer to a chat, from the index or from the model by itself, as its `model` says. */
export function chatSource(
  deps: OpenAiDeps,
  body: ChatCompletionRequest,
  request: FastifyRequest,
): ChatSource {
  const { models, ask } = deps;
  const target = readModelName(body.model, models.generator);
  const messages = body.messages.map(toChatMessage);
  const isForUi = isUiPrompt(messages);
  // A title is not waited for: questions go ahead of it.
  const priority = isForUi || body.service_tier === 'flex' ? 'background' : 'interactive';
  const options = { signal: request.signal, deadline: request.deadline, priority } as const;
  if (target.kind === 'model' || isForUi)
    return answerFromModel(models.generator, { body, messages }, options);
  const { collection } = target;
  const told = body.messages.filter((message) => !isToolTalk(message)).map(toChatMessage);
  const linkTo = linksOf(deps, collection, request);
  return answerFromIndex(ask, { body, messages: told, collection, linkTo }, options);
}

function linksOf(
  { consoleFolder, publicUrl }: OpenAiDeps,
  collection: string,
  { protocol, host }: FastifyRequest,
): LinkTo {
  if (consoleFolder === undefined) return () => undefined;
  return consoleLinks(publicUrl ?? `${protocol}://${host}`, collection);
}
