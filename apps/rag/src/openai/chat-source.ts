import { type ChatCompletionRequest, offeredTools } from '@xnai/contracts';
import { ServiceError } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import type { ChatSource } from './chat-event.ts';
import { answerFromIndex } from './chat-from-index.ts';
import { answerFromModel } from './chat-from-model.ts';
import { isToolTalk, toChatMessage, toChatMessages } from './chat-messages.ts';
import { consoleLinks, type LinkTo } from './document-links.ts';
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
  if (target.kind === 'index') refuseTools(body, models.generator.info()?.id);
  const told = body.messages.filter((message) => !isToolTalk(message)).map(toChatMessage);
  const isForUi = isUiPrompt(told);
  // A title is not waited for: questions go ahead of it.
  const priority = isForUi || body.service_tier === 'flex' ? 'background' : 'interactive';
  const options = { signal: request.signal, deadline: request.deadline, priority } as const;
  if (target.kind === 'model' || isForUi) {
    const messages = target.kind === 'model' ? toChatMessages(body.messages) : told;
    return answerFromModel(models.generator, { body, messages }, options);
  }
  const { collection } = target;
  const linkTo = linksOf(deps, collection, request);
  return answerFromIndex(ask, { body, messages: told, collection, linkTo }, options);
}

/** An answer from a collection calls nothing: who offers tools expects calls. */
function refuseTools(body: ChatCompletionRequest, model: string | undefined): void {
  const { functions, choice, fields } = offeredTools(body);
  if (functions.length === 0 || choice === 'none') return;
  const [path, choiceField] = fields;
  const other =
    model === undefined ? 'a generation model takes them (none is loaded now)' : `"${model}" takes them`;
  const message = `answers from a collection call no tools: ${other}; or send ${choiceField} "none"`;
  throw new ServiceError('VALIDATION', { detail: `${path}: ${message}`, errors: [{ path, message }] });
}

function linksOf(
  { consoleFolder, publicUrl }: OpenAiDeps,
  collection: string,
  { protocol, host }: FastifyRequest,
): LinkTo {
  if (consoleFolder === undefined) return () => undefined;
  return consoleLinks(publicUrl ?? `${protocol}://${host}`, collection);
}
