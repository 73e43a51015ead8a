import type { Prompt } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { chatFields } from './chat-body.ts';
import { checkModelName } from './model-name.ts';
import type { AskedServer, CallOf, ReplyOf } from './remote-calls.ts';
import { Chat } from './server-answers.ts';
import { ServerFault } from './server-fault.ts';

/**
 * The probability of yes against no for the first word of each answer, from the likeliest tokens that the server tells.
 *
 * @throws {ModelError} MODEL_UNUSABLE when the server tells none, or neither word is among them
 */
export async function judgeRemotely(
  { prompts }: CallOf<'judge'>,
  server: AskedServer,
  signal: AbortSignal,
): Promise<ReplyOf<'judged'>> {
  const judged = await Promise.all(prompts.map((prompt) => judgeOne(prompt, server, signal)));
  return {
    kind: 'judged',
    probabilities: judged.map(({ probability }) => probability),
    promptTokens: judged.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    cachedTokens: judged.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0),
  };
}

/** The most that OpenAI gives, and that others give too. */
const LIKELIEST = 20;

async function judgeOne(prompt: Prompt, server: AskedServer, signal: AbortSignal) {
  if (prompt.kind !== 'chat') throw new TypeError('only chats are judged');
  const { client, info } = server;
  const body = {
    model: info.id,
    ...chatFields(prompt, server, false),
    max_tokens: 1,
    temperature: 0,
    logprobs: true,
    top_logprobs: LIKELIEST,
  };
  const answer = await client
    .ask('/chat/completions', { body, schema: Chat, signal })
    .catch(withoutProbabilities);
  checkModelName(answer.model, info.id);
  const likely = answer.choices[0]?.logprobs?.content?.[0]?.top_logprobs ?? [];
  const shareOf = (word: string) =>
    likely
      .filter(({ token }) => token.trim().toLowerCase() === word)
      .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
  const [yes, no] = [shareOf('yes'), shareOf('no')];
  if (!(yes + no > 0)) throw new ModelError('MODEL_UNUSABLE', { detail: NO_PROBABILITIES });
  return {
    probability: yes / (yes + no),
    promptTokens: answer.usage?.prompt_tokens ?? 0,
    cachedTokens: answer.usage?.prompt_tokens_details?.cached_tokens ?? 0,
  };
}

const NO_PROBABILITIES = 'the model server gives no probabilities of yes and no';

function withoutProbabilities(error: unknown): never {
  if (error instanceof ServerFault && error.kind === 'refused')
    throw new ModelError('MODEL_UNUSABLE', { detail: NO_PROBABILITIES, cause: error });
  throw error;
}
