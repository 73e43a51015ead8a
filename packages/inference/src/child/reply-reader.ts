import type { CallFormat } from './call-format.ts';
import { type CallReader, createCallReader } from './call-reader.ts';
import type { ReplyPart, ReplyPiece } from './messages.ts';
import { partialStop } from './text-stream.ts';
import type { ThoughtMarks } from './thought-marks.ts';

export type ReplyStage = 'thought' | 'answer' | 'call';

export interface ReplyReaderOptions {
  readonly thought: ThoughtMarks | undefined;
  /** Whether the prompt has opened a thought. */
  readonly beginsInThought: boolean;
  /** Whether a grammar holds the answer, so that it begins right after the mark of a thought's end. */
  readonly isAnswerHeld: boolean;
  /** Undefined when no tool may be called. */
  readonly calls: ReadCalls | undefined;
}

export interface ReadCalls {
  readonly format: CallFormat;
  readonly names: readonly string[];
  readonly isRequired: boolean;
}

export interface ReplyReader {
  /** Takes the next text of the model and returns what is certain of it. */
  read(text: string): readonly ReplyPiece[];
  /** What was held back, at the end. */
  end(): readonly ReplyPiece[];
  readonly stage: ReplyStage;
  /** Characters at the end of the last text that came after a mark and are dropped: a grammar holds from the mark on. */
  readonly dropped: number;
  /** Whether the answer ends in calls, all of them whole. */
  readonly hasCalled: boolean;
}

/** Tells apart what a model thinks, answers and calls. */
export function createReplyReader(options: ReplyReaderOptions): ReplyReader {
  return new Reader(options);
}

class Reader implements ReplyReader {
  stage: ReplyStage;
  dropped = 0;
  readonly #options: ReplyReaderOptions;
  #calls: CallReader | undefined;
  #held = '';
  /** Nothing but white space has come in this stage. */
  #isStart = true;
  /** White space at the beginning belongs to a mark. */
  #isTrimmed: boolean;

  constructor(options: ReplyReaderOptions) {
    this.#options = options;
    this.stage = options.beginsInThought ? 'thought' : this.#afterThought;
    this.#isTrimmed = options.beginsInThought;
    const { calls } = options;
    if (calls?.isRequired) this.#calls = callsFrom(calls, calls.format.opening);
  }

  get #afterThought(): ReplyStage {
    return this.#options.calls?.isRequired ? 'call' : 'answer';
  }

  get hasCalled(): boolean {
    return this.stage === 'call' && this.#calls?.isComplete === true;
  }

  read(text: string): readonly ReplyPiece[] {
    this.dropped = 0;
    if (this.stage === 'call') return this.#calls?.read(text) ?? [];
    this.#held += text;
    const pieces: ReplyPiece[] = [];
    for (let before: ReplyStage | undefined; before !== this.stage; ) {
      before = this.stage;
      if (before === 'thought') pieces.push(...this.#think());
      if (before === 'answer') pieces.push(...this.#answer());
    }
    return pieces;
  }

  end(): readonly ReplyPiece[] {
    const { stage } = this;
    if (stage === 'call') return [];
    return piecesOf(stage, this.#isTrimmed && this.#isStart ? this.#held.trim() : this.#held);
  }

  #think(): readonly ReplyPiece[] {
    const close = this.#options.thought?.close ?? '';
    const at = this.#held.indexOf(close);
    const length = at === -1 ? this.#held.length - partialStop(this.#held, [close]) : at;
    // White space before the mark belongs to it.
    const pieces = this.#give('thought', this.#held.slice(0, length).trimEnd().length);
    if (at !== -1) this.#enter(this.#afterThought, afterMark(this.#held, close));
    return pieces;
  }

  #answer(): readonly ReplyPiece[] {
    const { thought, calls } = this.#options;
    const begun = this.#held.trimStart();
    if (this.#isStart && thought !== undefined && begun.startsWith(thought.open)) {
      this.#enter('thought', begun.slice(thought.open.length));
      return [];
    }
    const mark = calls && (this.#isStart || !calls.format.isOnlyAtStart) ? calls.format.mark : undefined;
    if (mark !== undefined && (calls?.format.isOnlyAtStart ? begun.startsWith(mark) : begun.includes(mark))) {
      const pieces = this.#give('answer', this.#held.indexOf(mark));
      this.#enter('call', afterMark(this.#held, mark));
      return pieces;
    }
    const marks = [mark, this.#isStart ? thought?.open : undefined].filter((one) => one !== undefined);
    return this.#give('answer', this.#held.length - partialStop(this.#held, marks));
  }

  #give(part: ReplyPart, length: number): readonly ReplyPiece[] {
    const text = this.#held.slice(0, length);
    if (this.#isStart && text.trim() === '') return [];
    this.#held = this.#held.slice(length);
    const given = this.#isStart && this.#isTrimmed ? text.trimStart() : text;
    this.#isStart = false;
    return piecesOf(part, given);
  }

  #enter(stage: ReplyStage, rest: string): void {
    const { calls, isAnswerHeld } = this.#options;
    const isHeld = stage === 'call' || (stage === 'answer' && isAnswerHeld);
    this.dropped = isHeld ? rest.length : 0;
    this.#held = isHeld ? '' : rest;
    this.#isStart = true;
    this.#isTrimmed = true;
    this.stage = stage;
    if (stage === 'call' && calls !== undefined)
      this.#calls ??= callsFrom(calls, calls.format.opening.slice(calls.format.mark.length));
  }
}

function afterMark(text: string, mark: string): string {
  return text.slice(text.indexOf(mark) + mark.length);
}

function callsFrom({ format, names }: ReadCalls, begin: string): CallReader {
  return createCallReader(format, names, begin);
}

function piecesOf(part: ReplyPart, text: string): readonly ReplyPiece[] {
  return text === '' ? [] : [{ part, text }];
}
