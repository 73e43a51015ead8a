import { type Breaker, type Permit, startTimeLimit } from '@xnai/resilience';
import { type CallAccount, createCallAccount } from './call-account.ts';
import type { ModelCall, ModelReply } from './child/messages.ts';
import { chooseSeed } from './choose-seed.ts';
import { type CheckedRequest, checkSchemas } from './json-schema/check-schemas.ts';
import { createJudging, lengthOf } from './llama-judging.ts';
import type { GenerateEvent, GenerateRequest, Generator, ModelCallOptions, Priority } from './model.ts';
import { acquirePermit } from './model-breaker.ts';
import { ModelError } from './model-error.ts';
import type { ModelMetrics } from './model-metrics.ts';
import type { RoleProcess } from './process/role-process.ts';
import { ModelQueue } from './queue/model-queue.ts';
import { createServiceRates, type ServiceRates } from './queue/service-rates.ts';
import { createReplyStream } from './reply-stream.ts';
import { traceGenerate } from './trace-model.ts';

export interface LlamaGeneratorDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly metrics: ModelMetrics;
  readonly onBusy: (isBusy: boolean) => void;
  readonly capacity?: Readonly<Record<Priority, number>>;
}

export interface LlamaGenerator extends Generator {
  readonly queue: ModelQueue;
}

/** Generates in a model process: a bounded queue, a breaker, and a stream of the replies. */
export function createLlamaGenerator(deps: LlamaGeneratorDeps): LlamaGenerator {
  const { process, metrics } = deps;
  const rates = createServiceRates();
  const queue = new ModelQueue({
    sequences: () => process.info()?.sequences ?? 1,
    capacity: deps.capacity ?? { interactive: 16, background: 64 },
    onRefusal: (reason) => metrics.refused(reason),
    onBusy: deps.onBusy,
  });
  process.onReady(() => queue.wake());
  const count = (call: ModelCall, options?: ModelCallOptions) => countTokens(process, call, options);
  return {
    queue,
    state: () => process.state(),
    info: () => process.info(),
    servers: () => process.servers?.() ?? [],
    estimateWaitMs: () => queue.estimateWaitMs(),
    generate: (request, options = {}) =>
      traceGenerate(process, request, generate({ ...deps, rates, queue }, request, options)),
    judge: createJudging({ ...deps, queue }),
    onReady: (listener) => process.onReady(listener),
    countTokens: (texts, options) => count({ kind: 'count', texts }, options),
    countPrompt: async (prompt, options) => (await count({ kind: 'count-prompt', prompt }, options))[0] ?? 0,
  };
}

interface GenerateDeps extends LlamaGeneratorDeps {
  readonly rates: ServiceRates;
  readonly queue: ModelQueue;
}

async function* generate(
  deps: GenerateDeps,
  request: GenerateRequest,
  options: ModelCallOptions,
): AsyncGenerator<GenerateEvent, void, void> {
  const { process, metrics, rates, queue } = deps;
  const checked = checkSchemas(request);
  const calledAtMs = performance.now();
  const state = process.state();
  if (state.status !== 'ready') {
    metrics.refused('not-ready');
    throw new ModelError('MODEL_NOT_READY', { detail: state.detail, retryAfterMs: NOT_READY_RETRY_MS });
  }
  const promptCharacters = lengthOf(request.prompt);
  const expected = rates.expect(promptCharacters, request.maxTokens);
  const lease = await queue.enter(options, expected);
  const account = createCallAccount({
    metrics,
    rates,
    promptCharacters,
    calledAtMs,
    queueMs: lease.waitedMs,
  });
  const work = { ...checked, seed: chooseSeed(request.seed) };
  const call = await startCall({ ...deps, account }, work, options).catch((error) => {
    lease.release();
    throw error;
  });
  void call.ended.then(() => lease.release());
  try {
    for await (const reply of call.replies) {
      if (reply.kind === 'text' && reply.text !== '') yield toEvent(reply);
      if (reply.kind === 'finished') {
        const { finish, usage, isStandIn = false } = reply;
        yield { type: 'done', finish, usage, timings: account.timingsOf(reply), isStandIn };
      }
    }
  } finally {
    call.abort();
  }
}

const NOT_READY_RETRY_MS = 5_000;

function toEvent({ part, text }: ModelReply & { kind: 'text' }): GenerateEvent {
  switch (part) {
    case 'answer':
      return { type: 'token', text };
    case 'thought':
      return { type: 'thought', text };
    case 'call':
      return { type: 'call', name: text };
    case 'arguments':
      return { type: 'arguments', text };
  }
}

interface RunningCall {
  readonly replies: AsyncIterable<ModelReply>;
  /** Resolves when the process has released the sequence, however the call ended. */
  readonly ended: Promise<void>;
  abort(): void;
}

/**
 * Starts a call. The process writes at its own speed, so that a slow client never holds a sequence; the replies that wait
 * to be read are bounded by the length of the context.
 */
async function startCall(
  { process, breaker, account }: LlamaGeneratorDeps & { readonly account: CallAccount },
  request: CheckedRequest,
  { signal, deadline, priority = 'interactive' }: ModelCallOptions,
): Promise<RunningCall> {
  const permit = await acquirePermit(breaker, signal);
  const replies = createReplyStream<ModelReply>();
  const ended = Promise.withResolvers<void>();
  const limit = startTimeLimit({ deadline, signal, reason: lateInWriting });
  let settled = false;
  const call = process.call({ kind: 'generate', request, priority }, (reply) => {
    account.note(reply);
    if (reply.kind === 'failed') replies.fail(new ModelError(reply.code, reply));
    else replies.push(reply);
    if (reply.kind === 'started' || reply.kind === 'progress' || reply.kind === 'text') return;
    settled = true;
    settle(permit, reply);
    replies.end();
    limit[Symbol.dispose]();
    ended.resolve();
  });
  const stop = (error?: unknown) => {
    if (settled) return;
    if (error !== undefined) replies.fail(error);
    call.abort();
  };
  const onLimit = () => stop(limit.signal.reason);
  if (limit.signal.aborted) onLimit();
  limit.signal.addEventListener('abort', onLimit, { once: true });
  return { replies, ended: ended.promise, abort: () => stop() };
}

function lateInWriting(): ModelError {
  return new ModelError('DEADLINE_EXCEEDED', { detail: 'the deadline passed while the model wrote' });
}

/** Only failures of the process count against it, not faults of a request; a crash counts once. */
function settle(permit: Permit, reply: ModelReply): void {
  if (reply.kind === 'failed' && reply.code === 'MODEL_CRASHED' && !reply.isEcho) {
    permit.failure(new ModelError('MODEL_CRASHED', { detail: reply.detail }));
  } else if (reply.kind === 'finished') permit.success();
  else permit.ignore();
}

async function countTokens(
  process: RoleProcess,
  call: ModelCall,
  options?: ModelCallOptions,
): Promise<readonly number[]> {
  const reply = await process.ask(call, options);
  if (reply.kind !== 'counts') throw new TypeError(`a count was answered by ${reply.kind}`);
  return reply.counts;
}
