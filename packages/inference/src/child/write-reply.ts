import type { LlamaContextSequence, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { createMarkGatherer } from './gather-marks.ts';
import type { Grammars } from './grammars.ts';
import type { CallContext } from './loaded-model.ts';
import type { FinishedReply, ReplyPart, ReplyPiece } from './messages.ts';
import type { ReplyReader } from './reply-reader.ts';
import type { RoundMember } from './rounds.ts';
import type { Sampling } from './sampling.ts';
import { createTextStream } from './text-stream.ts';

export interface WriteOptions extends CallContext {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly member: RoundMember;
  /** The end of the prompt, which is still to be evaluated. */
  readonly rest: readonly Token[];
  readonly place: SequenceEvaluateOptions;
  readonly grammars: Grammars;
  readonly sampling: Sampling;
  readonly reader: ReplyReader;
  /** Special tokens that the reader reads; of other special tokens there is no text. */
  readonly marks: ReadonlySet<Token>;
  readonly stopTokens: ReadonlySet<Token>;
  readonly stops: readonly string[];
  readonly maxTokens: number;
}

export interface Written {
  readonly tokens: number;
  /** Those of them that belong to a thought, its marks too. */
  readonly thoughtTokens: number;
  readonly finish: FinishedReply['finish'];
  readonly firstAtMs: number;
}

/** Undefined when aborted. */
export async function writeReply(work: WriteOptions): Promise<Written | undefined> {
  const { reader, maxTokens } = work;
  const output = createOutput(work);
  const progress = { tokens: 0, thoughtTokens: 0, firstAtMs: performance.now() };
  let next: readonly Token[] = work.rest;
  while (next.length > 0) {
    const left = await writeStage(work, next, { output, progress });
    if (left === undefined) return undefined;
    next = left;
  }
  output.end();
  const isCut = progress.tokens >= maxTokens && !output.isStopped;
  return { ...progress, finish: isCut ? 'length' : reader.hasCalled ? 'calls' : 'stop' };
}

interface Writing {
  readonly output: ReturnType<typeof createOutput>;
  readonly progress: { tokens: number; thoughtTokens: number; firstAtMs: number };
}

/** Writes while the same grammar holds. Returns the tokens to go on from, none at the end; undefined when aborted. */
async function writeStage(
  work: WriteOptions,
  next: readonly Token[],
  { output, progress }: Writing,
): Promise<readonly Token[] | undefined> {
  const { sequence, member, sampling, grammars, reader, stopTokens, maxTokens, signal } = work;
  const grammar = grammars[reader.stage];
  const options = { ...sampling.optionsFor(grammar), ...work.place };
  for await (const token of sequence.evaluate([...next], options)) {
    if (progress.tokens === 0) progress.firstAtMs = performance.now();
    if (stopTokens.has(token)) break;
    progress.tokens += 1;
    sampling.note(token);
    const before = reader.stage;
    const text = output.push(token);
    if (before === 'thought' || reader.stage === 'thought') progress.thoughtTokens += 1;
    if (output.isStopped || progress.tokens >= maxTokens) break;
    if ((await member.turn(1, signal)) === 0) return undefined;
    if (grammars[reader.stage] !== grammar) return upToMark(work, token, text);
  }
  return [];
}

/** The last token without what it holds beyond a mark, since a grammar holds from the mark on. */
function upToMark({ model, reader }: WriteOptions, token: Token, text: string): readonly Token[] {
  const isWhole = model.detokenize([token], true).trimStart() === text.trimStart();
  if (reader.dropped === 0 || !isWhole) return [token];
  return model.tokenize(text.slice(0, -reader.dropped));
}

/** Gives the replies for what is written; stop texts end an answer, not a thought or a call. */
function createOutput({ model, reader, grammars, marks, stops, reply }: WriteOptions) {
  const gatherer = createMarkGatherer();
  const isHeld = () => grammars[reader.stage] !== undefined;
  const isMark = (tokens: readonly Token[]) =>
    reader.stage === 'call' || tokens.some((token) => marks.has(token));
  const text = createTextStream<Token>({
    detokenize: (tokens, before) => model.detokenize(tokens, isMark(tokens), before),
    stops: [],
  });
  const answer = createTextStream<string>({ detokenize: (texts) => texts.join(''), stops });
  let part: ReplyPart = 'answer';
  const send = (pieces: readonly ReplyPiece[], tokens: number) => {
    let counted = tokens;
    for (const piece of pieces) {
      const shown = piece.part === 'answer' ? answer.push(piece.text) : piece.text;
      if (shown === '') continue;
      ({ part } = piece);
      reply({ kind: 'text', part, text: shown, tokens: counted });
      counted = 0;
    }
    if (counted > 0) reply({ kind: 'text', part, text: '', tokens: counted });
  };
  return {
    /** Returns the text of the token, with what was held back before it. */
    push(token: Token): string {
      const written = isHeld() ? gatherer.push(text.push(token)) : text.push(token);
      send(reader.read(written), 1);
      return written;
    },
    end(): void {
      if (answer.stopped) return;
      const last = isHeld() ? gatherer.push(text.flush()) + gatherer.end() : text.flush();
      send([...reader.read(last), ...reader.end()], 0);
      const rest = answer.flush();
      if (rest !== '') reply({ kind: 'text', part: 'answer', text: rest, tokens: 0 });
    },
    get isStopped(): boolean {
      return answer.stopped;
    },
  };
}
