import type { LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import type { Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { placeInBatch } from './batch-order.ts';
import { checkPrompt, evaluatePrompt } from './evaluate-prompt.ts';
import { createGrammars } from './grammars.ts';
import type { CallContext } from './loaded-model.ts';
import type { DraftCounts } from './messages.ts';
import type { Prompter, PromptTokens } from './prompt-tokens.ts';
import { createReplyReader } from './reply-reader.ts';
import type { Rounds } from './rounds.ts';
import { createSampling } from './sampling.ts';
import type { SequencePool } from './sequence-pool.ts';
import { writeReply } from './write-reply.ts';

export interface GenerateDeps {
  readonly model: LlamaModel;
  readonly pool: SequencePool;
  readonly prompter: Prompter;
  readonly rounds: Rounds;
  readonly contextTokens: number;
}

/** Writes one answer. An abort is noticed after each round. */
export async function generate(
  deps: GenerateDeps,
  { request, priority }: { readonly request: CheckedRequest; readonly priority: Priority },
  { signal, reply }: CallContext,
): Promise<void> {
  const { model, rounds, pool } = deps;
  const prompt = deps.prompter.tokenize(request.prompt, { thinks: request.thinks === true });
  const promptTokens = prompt.tokens.length;
  const room = deps.contextTokens - promptTokens;
  checkPrompt(promptTokens, deps.contextTokens);
  const reading = await createReading(deps, request, prompt);
  const lease = await rounds.exclusive(() => pool.lease(prompt.tokens));
  if (lease === undefined) throw new ModelError('OVERLOADED', { detail: 'no sequence is idle' });
  const member = rounds.join(priority);
  try {
    const { sequence } = lease;
    const cachedTokens = sequence.nextTokenIndex;
    reply({ kind: 'started', promptTokens, cachedTokens });
    const startedAtMs = performance.now();
    const place = placeInBatch(lease.index);
    const countDrafts = draftCounter(sequence);
    const rest = await evaluatePrompt(sequence, prompt.tokens, { member, options: place, signal, reply });
    if (rest === undefined) return reply({ kind: 'aborted' });
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const written = await writeReply({
      ...reading,
      model,
      sequence,
      member,
      rest,
      place,
      maxTokens,
      signal,
      reply,
    });
    if (written === undefined) return reply({ kind: 'aborted' });
    const { tokens: completionTokens, thoughtTokens, finish, firstAtMs } = written;
    reply({
      kind: 'finished',
      finish,
      usage: { promptTokens, completionTokens, thoughtTokens, cachedTokens },
      promptMs: firstAtMs - startedAtMs,
      predictedMs: performance.now() - firstAtMs,
      drafts: countDrafts(),
    });
  } finally {
    member.leave();
    lease.release();
  }
}

/** Counts from now on. */
function draftCounter(sequence: LlamaContextSequence): () => DraftCounts {
  const before = sequence.tokenPredictions;
  return () => {
    const { used, validated, refuted } = sequence.tokenPredictions;
    const drafted = validated - before.validated + refuted - before.refuted;
    return { drafted, accepted: used - before.used };
  };
}

/** How the reply to a request is written and read. */
async function createReading(
  { model, prompter }: GenerateDeps,
  request: CheckedRequest,
  prompt: PromptTokens,
) {
  const { calls, callable, jsonSchema } = request;
  const names = callable.map(({ name }) => name);
  const isRequired = calls?.choice === 'required';
  const format = prompter.calls;
  const thought = request.prompt.kind === 'chat' ? prompter.thought : undefined;
  return {
    grammars: await createGrammars(model, request, format),
    sampling: createSampling(model, request),
    reader: createReplyReader({
      thought,
      beginsInThought: prompt.beginsInThought,
      isAnswerHeld: jsonSchema !== undefined,
      calls: names.length === 0 ? undefined : { format, names, isRequired },
    }),
    marks: prompter.specialMarks,
    stopTokens: prompt.stopTokens,
    stops: [...(request.stop ?? []), ...prompt.stopTexts],
  };
}
