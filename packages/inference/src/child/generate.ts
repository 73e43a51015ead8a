import type { LlamaContextSequence, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { GenerateRequest, Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { placeInBatch } from './batch-order.ts';
import { checkPrompt, evaluatePrompt } from './evaluate-prompt.ts';
import type { CallContext } from './loaded-model.ts';
import type { FinishedReply } from './messages.ts';
import type { Prompter, PromptTokens } from './prompt-tokens.ts';
import type { RoundMember, Rounds } from './rounds.ts';
import { createSampling, type Sampling } from './sampling.ts';
import type { SequencePool } from './sequence-pool.ts';
import { createTextStream } from './text-stream.ts';

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
  { request, priority }: { readonly request: GenerateRequest; readonly priority: Priority },
  { signal, reply }: CallContext,
): Promise<void> {
  const { model, rounds, pool } = deps;
  const prompt = deps.prompter.tokenize(request.prompt);
  const promptTokens = prompt.tokens.length;
  const room = deps.contextTokens - promptTokens;
  checkPrompt(promptTokens, deps.contextTokens);
  const sampling = await createSampling(model, request);
  const lease = await rounds.exclusive(() => pool.lease(prompt.tokens));
  if (lease === undefined) throw new ModelError('OVERLOADED', { detail: 'no sequence is idle' });
  const member = rounds.join(priority);
  try {
    const { sequence } = lease;
    const cachedTokens = sequence.nextTokenIndex;
    reply({ kind: 'started', promptTokens, cachedTokens });
    const startedAtMs = performance.now();
    const options = { ...sampling.options, ...placeInBatch(lease.index) };
    const rest = await evaluatePrompt(sequence, prompt.tokens, { member, options, signal, reply });
    if (rest === undefined) return reply({ kind: 'aborted' });
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const stops = [...(request.stop ?? []), ...prompt.stopTexts, ...sampling.stopTexts];
    const work = { model, sequence, member, rest, prompt, stops, sampling, options, maxTokens };
    const written = await write({ ...work, signal, reply });
    if (written === undefined) return reply({ kind: 'aborted' });
    const { tokens: completionTokens, finish, firstAtMs } = written;
    reply({
      kind: 'finished',
      finish,
      usage: { promptTokens, completionTokens, cachedTokens },
      promptMs: firstAtMs - startedAtMs,
      predictedMs: performance.now() - firstAtMs,
    });
  } finally {
    member.leave();
    lease.release();
  }
}

interface WriteOptions extends CallContext {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly member: RoundMember;
  readonly rest: readonly Token[];
  readonly prompt: PromptTokens;
  readonly stops: readonly string[];
  readonly sampling: Sampling;
  readonly options: SequenceEvaluateOptions;
  readonly maxTokens: number;
}

interface Written {
  readonly tokens: number;
  readonly finish: FinishedReply['finish'];
  readonly firstAtMs: number;
}

/** Undefined when aborted. */
async function write(work: WriteOptions): Promise<Written | undefined> {
  const { model, sequence, member, rest, prompt, stops, sampling, options, maxTokens, signal, reply } = work;
  const text = createTextStream<Token>({
    detokenize: (tokens, before) => model.detokenize(tokens, false, before),
    stops,
  });
  let tokens = 0;
  let firstAtMs = performance.now();
  for await (const token of sequence.evaluate([...rest], options)) {
    if (tokens === 0) firstAtMs = performance.now();
    if (prompt.stopTokens.has(token)) break;
    tokens += 1;
    sampling.note(token);
    reply({ kind: 'text', text: text.push(token), tokens: 1 });
    if (text.stopped || tokens >= maxTokens) break;
    if ((await member.turn(1, signal)) === 0) return undefined;
  }
  const end = text.flush();
  if (end !== '') reply({ kind: 'text', text: end, tokens: 0 });
  return { tokens, finish: tokens >= maxTokens && !text.stopped ? 'length' : 'stop', firstAtMs };
}
