import { type Generator, type ModelCallOptions, ModelError } from '@xnai/inference';
import { deadlineIn } from '@xnai/resilience';
import type { RetrievedChunk } from '../../retrieve/retrieve.ts';
import { buildJudgePrompt } from './judge-prompt.ts';
import { probePrompts, readProbe } from './probe.ts';

/** `off`: there is no model, it is being probed, or it cannot tell; `detail` says which. */
export type JudgeState =
  | { readonly status: 'off'; readonly detail: string }
  | { readonly status: 'on'; readonly detail: string; readonly bar: number };

export interface Judgement {
  /** The chunks that state the answer, in their order. All of them when nothing was judged. */
  readonly chunks: readonly RetrievedChunk[];
  /** The judge is on, and was late or failed. */
  readonly isDegraded: boolean;
  /** Tokens read. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

export interface Judge {
  state(): JudgeState;
  /** Asks of each of the best chunks whether it states the answer itself; the others are left out. */
  judge(question: string, chunks: readonly RetrievedChunk[], options: ModelCallOptions): Promise<Judgement>;
}

/** As many as are read for an answer by default. */
const MOST_CHUNKS = 8;
/** Nobody waits longer for a judgement, with or without a deadline. */
const MOST_MS = 10_000;

/** Lets the model judge, once a probe after each loading has shown that it can. */
export function createJudge(generator: Generator, { mayJudge }: { readonly mayJudge: boolean }): Judge {
  let state = off(mayJudge ? 'no model is ready' : 'switched off by RAG_JUDGE');
  const probeModel = async () => {
    state = off('the model is being probed');
    state = await probe(generator);
  };
  if (mayJudge) generator.onReady(() => void probeModel());
  if (mayJudge && generator.state().status === 'ready') void probeModel();
  return {
    state: () => state,
    async judge(question, chunks, options) {
      const unjudged = { chunks, isDegraded: false, promptTokens: 0, cachedTokens: 0 };
      if (state.status === 'off' || chunks.length === 0) return unjudged;
      const { bar } = state;
      const judged = chunks.slice(0, MOST_CHUNKS);
      const prompts = judged.map((found) => buildJudgePrompt(question, found));
      try {
        const { probabilities, ...tokens } = await generator.judge(prompts, withinTime(options));
        return {
          chunks: judged.filter((_, index) => (probabilities[index] ?? 0) >= bar),
          isDegraded: false,
          ...tokens,
        };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        return { ...unjudged, isDegraded: true };
      }
    },
  };
}

async function probe(generator: Generator): Promise<JudgeState> {
  try {
    const { probabilities } = await generator.judge(probePrompts(), { priority: 'background' });
    const bar = readProbe(probabilities);
    if (bar === undefined) return off('the model cannot tell passages that answer a question from others');
    return { status: 'on', bar, detail: `a passage must reach ${bar.toFixed(2)}` };
  } catch (error) {
    return off(error instanceof ModelError ? error.message : 'the probe failed');
  }
}

function off(detail: string): JudgeState {
  return { status: 'off', detail };
}

/** Half of the time that is left, so that the answer has the other. */
function withinTime({ signal, priority, deadline }: ModelCallOptions): ModelCallOptions {
  const leftMs = (deadline?.remainingMs() ?? Infinity) / 2;
  return { signal, priority, deadline: deadlineIn(Math.min(leftMs, MOST_MS)) };
}
