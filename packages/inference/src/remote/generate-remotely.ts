import type { FinishedReply, LoadedInfo, ModelReply, ReplyPiece } from '../child/messages.ts';
import { chooseSeed } from '../choose-seed.ts';
import type { CheckedRequest } from '../json-schema/check-schemas.ts';
import type { Finish, GenerateUsage } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { generateBody } from './chat-body.ts';
import { estimateTokens } from './count-remotely.ts';
import { checkModelName } from './model-name.ts';
import type { AskedServer } from './remote-calls.ts';
import { type CalledPart, Chunk, type Usage } from './server-answers.ts';
import { ServerFault } from './server-fault.ts';

/** Lets a server write, and gives what it writes as a model process of our own would. */
export async function* generateRemotely(
  request: CheckedRequest,
  server: AskedServer,
  signal: AbortSignal,
): AsyncGenerator<ModelReply, void, void> {
  if (request.jsonSchema !== undefined && !server.can.holdsSchema)
    throw new ModelError('INVALID_GRAMMAR', {
      detail: 'the model server does not hold answers to a JSON schema',
    });
  const path = request.prompt.kind === 'chat' ? '/chat/completions' : '/completions';
  const body = generateBody({ ...request, seed: chooseSeed(request.seed) }, server);
  const answer = new RemoteAnswer(request, server.info);
  for await (const chunk of server.client.stream(path, { body, schema: Chunk, signal, isWord })) {
    yield* answer.read(chunk);
    if (answer.isOverlong) break;
  }
  yield answer.finished();
}

/** Pieces without a token of their own, such as an end. */
const SPARE_PIECES = 8;
/** No token of any vocabulary is longer on average. */
const MOST_CHARACTERS = 64;

/** What came of an answer so far. */
class RemoteAnswer {
  readonly #request: CheckedRequest;
  readonly #info: LoadedInfo;
  /** Tokens that it may have. */
  readonly #most: number;
  readonly #startedAtMs = performance.now();
  #firstAtMs: number | undefined;
  #pieces = 0;
  #thoughts = 0;
  #characters = 0;
  #finish: Finish | undefined;
  #usage: Usage | undefined;

  constructor(request: CheckedRequest, info: LoadedInfo) {
    this.#request = request;
    this.#info = info;
    this.#most = request.maxTokens ?? info.contextTokens;
  }

  /** A server that knows no limit is stopped at it. */
  get isOverlong(): boolean {
    return this.#pieces >= this.#most + SPARE_PIECES;
  }

  *read(chunk: Chunk): Generator<ModelReply, void, void> {
    if (chunk.error != null) throw new ServerFault('failed', 'ended its answer with an error');
    checkModelName(chunk.model, this.#info.id);
    this.#usage = chunk.usage ?? this.#usage;
    for (const piece of piecesOf(chunk, this.#request)) {
      if (this.#firstAtMs === undefined) {
        this.#firstAtMs = performance.now();
        yield { kind: 'started', promptTokens: estimateTokens(promptTextOf(this.#request)), cachedTokens: 0 };
      }
      this.#count(piece);
      yield { kind: 'text', tokens: 1, ...piece };
    }
    this.#finish = finishOf(chunk) ?? this.#finish;
  }

  finished(): FinishedReply {
    const finish = this.#finish ?? (this.isOverlong ? 'length' : undefined);
    if (finish === undefined) throw new ServerFault('failed', 'ended its answer before it was complete');
    const firstAtMs = this.#firstAtMs ?? performance.now();
    return {
      kind: 'finished',
      finish,
      usage: this.#usageOrEstimate(),
      promptMs: firstAtMs - this.#startedAtMs,
      predictedMs: performance.now() - firstAtMs,
      drafts: { drafted: 0, accepted: 0 },
    };
  }

  #count({ part, text }: ReplyPiece): void {
    this.#pieces++;
    this.#characters += text.length;
    if (part === 'thought') this.#thoughts++;
    if (this.#characters > (this.#most + SPARE_PIECES) * MOST_CHARACTERS)
      throw new ServerFault('failed', 'writes more than it was asked for');
  }

  /** As the server counts it; else by its pieces, which are a token each with most servers. */
  #usageOrEstimate(): GenerateUsage {
    const usage = this.#usage;
    return {
      promptTokens: usage?.prompt_tokens ?? estimateTokens(promptTextOf(this.#request)),
      completionTokens: usage?.completion_tokens ?? this.#pieces,
      thoughtTokens: usage?.completion_tokens_details?.reasoning_tokens ?? this.#thoughts,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    };
  }
}

function* piecesOf({ choices: [choice] }: Chunk, { callable }: CheckedRequest): Generator<ReplyPiece> {
  const { content, reasoning_content, reasoning, tool_calls } = choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  const text = content ?? choice?.text;
  if (thought) yield { part: 'thought', text: thought };
  if (text) yield { part: 'answer', text };
  for (const { function: called } of tool_calls ?? []) yield* callOf(called, callable);
}

/** Servers send the name of a call and its arguments in parts, and never a part of an earlier call. */
function* callOf(called: CalledPart, callable: CheckedRequest['callable']): Generator<ReplyPiece> {
  if (called?.name) {
    if (!callable.some(({ name }) => name === called.name))
      throw new ServerFault('failed', 'calls a tool that was not offered');
    yield { part: 'call', text: called.name };
  }
  if (called?.arguments) yield { part: 'arguments', text: called.arguments };
}

function isWord(chunk: Chunk): boolean {
  const { content, reasoning_content, reasoning, tool_calls } = chunk.choices[0]?.delta ?? {};
  const said = content || chunk.choices[0]?.text || reasoning_content || reasoning;
  return Boolean(said) || (tool_calls ?? []).length > 0 || finishOf(chunk) !== undefined;
}

function finishOf({ choices: [choice] }: Chunk): Finish | undefined {
  const reason = choice?.finish_reason;
  if (!reason) return undefined;
  if (reason === 'length') return 'length';
  return reason === 'tool_calls' || reason === 'function_call' ? 'calls' : 'stop';
}

function promptTextOf({ prompt }: CheckedRequest): string {
  return prompt.kind === 'text' ? prompt.text : prompt.messages.map(({ content }) => content).join('\n');
}
