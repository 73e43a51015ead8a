import type { LlamaContextSequence, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { GenerateRequest, Priority } from '../model.ts';
import { ModelError } from '../model-error.ts';
import type { Reply } from '../process/ipc.ts';
import { placeInBatch } from './batch-order.ts';
import type { RunOptions } from './loaded-model.ts';
import type { Prompter, PromptTokens } from './prompt-tokens.ts';
import type { Member, Rounds } from './rounds.ts';
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

type Finished = Extract<Reply, { kind: 'finished' }>;

/** Writes one answer. An abort is noticed after each round. */
export async function generate(
  deps: GenerateDeps,
  { request, priority }: { readonly request: GenerateRequest; readonly priority: Priority },
  { signal, reply }: RunOptions,
): Promise<void> {
  const prompt = deps.prompter.tokenize(request.prompt);
  const room = deps.contextTokens - prompt.tokens.length;
  if (prompt.tokens.length === 0) throw new ModelError('INPUT_EMPTY', { detail: 'the prompt is empty' });
  if (room < 1) {
    throw new ModelError('PROMPT_TOO_LONG', {
      detail: `the prompt has ${prompt.tokens.length} tokens, the context holds ${deps.contextTokens}`,
    });
  }
  const sampling = await createSampling(deps.model, request);
  const lease = await deps.rounds.exclusive(() => deps.pool.lease(prompt.tokens));
  if (lease === undefined) throw new ModelError('OVERLOADED', { detail: 'no sequence is idle' });
  const member = deps.rounds.join(priority);
  try {
    const { sequence } = lease;
    const cachedTokens = sequence.nextTokenIndex;
    reply({ kind: 'started', promptTokens: prompt.tokens.length, cachedTokens });
    const startedAt = performance.now();
    const options = { ...sampling.options, ...placeInBatch(lease.index) };
    const rest = await evaluatePrompt(sequence, prompt.tokens, { member, options, signal, reply });
    if (rest === undefined) return reply({ kind: 'aborted' });
    const maxTokens = Math.min(request.maxTokens ?? room, room);
    const work = {
      deps,
      sequence,
      member,
      rest,
      prompt,
      request,
      sampling,
      options,
      maxTokens,
      signal,
      reply,
    };
    const written = await write(work);
    if (written === undefined) return reply({ kind: 'aborted' });
    reply(finished(written, { startedAt, promptTokens: prompt.tokens.length, cachedTokens }));
  } finally {
    member.leave();
    lease.release();
  }
}

interface PromptOptions extends RunOptions {
  readonly member: Member;
  readonly options: Pick<SequenceEvaluateOptions, 'evaluationPriority'>;
}

/** Evaluates all of the prompt but what its last round takes, and gives that back; undefined when aborted. */
async function evaluatePrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  { member, options, signal, reply }: PromptOptions,
): Promise<readonly Token[] | undefined> {
  for (let at = sequence.nextTokenIndex; ; reply({ kind: 'progress' })) {
    const granted = await member.turn(tokens.length - at, signal);
    if (granted === 0) return undefined;
    if (granted === tokens.length - at) return tokens.slice(at);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + granted), options);
    at += granted;
  }
}

interface WriteOptions extends RunOptions {
  readonly deps: GenerateDeps;
  readonly sequence: LlamaContextSequence;
  readonly member: Member;
  readonly rest: readonly Token[];
  readonly prompt: PromptTokens;
  readonly request: GenerateRequest;
  readonly sampling: Sampling;
  readonly options: SequenceEvaluateOptions;
  readonly maxTokens: number;
}

interface Written {
  readonly tokens: number;
  readonly finish: Finished['finish'];
  readonly firstAt: number;
}

/** Undefined when aborted. */
async function write(options: WriteOptions): Promise<Written | undefined> {
  const { deps, sequence, member, rest, prompt, request, sampling, maxTokens, signal, reply } = options;
  const text = createTextStream<Token>({
    detokenize: (tokens, before) => deps.model.detokenize(tokens, false, before),
    stops: [...(request.stop ?? []), ...prompt.stopTexts, ...sampling.stopTexts],
  });
  let tokens = 0;
  let firstAt = performance.now();
  for await (const token of sequence.evaluate([...rest], options.options)) {
    if (tokens === 0) firstAt = performance.now();
    if (prompt.stopTokens.has(token)) break;
    tokens += 1;
    sampling.note(token);
    reply({ kind: 'text', text: text.push(token), tokens: 1 });
    if (text.stopped || tokens >= maxTokens) break;
    if ((await member.turn(1, signal)) === 0) return undefined;
  }
  const end = text.flush();
  if (end !== '') reply({ kind: 'text', text: end, tokens: 0 });
  return { tokens, finish: tokens >= maxTokens && !text.stopped ? 'length' : 'stop', firstAt };
}

function finished(
  { tokens, finish, firstAt }: Written,
  {
    startedAt,
    promptTokens,
    cachedTokens,
  }: { startedAt: number; promptTokens: number; cachedTokens: number },
): Finished {
  const usage = { promptTokens, completionTokens: tokens, cachedTokens };
  const predictedMs = performance.now() - firstAt;
  return { kind: 'finished', finish, usage, promptMs: firstAt - startedAt, predictedMs };
}
