import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { LlamaContext, LlamaContextSequence, Token, TokenPredictor } from 'node-llama-cpp';
import { chooseSequence } from './choose-sequence.ts';

export type SequencePool = ReturnType<typeof createSequencePool>;

export interface LeasedSequence {
  readonly sequence: LlamaContextSequence;
  /** The engine's number of the sequence, from 0. */
  readonly index: number;
  release(): void;
}

interface Slot {
  readonly sequence: LlamaContextSequence;
  busy: boolean;
  usedAt: number;
}

interface KeptPrefix {
  readonly tokens: readonly Token[];
  readonly file: string;
}

export function createSequencePool(
  context: LlamaContext,
  createPredictor: (isAlone: () => boolean) => TokenPredictor | undefined = () => undefined,
) {
  const isAlone = () => slots.filter(({ busy }) => busy).length === 1;
  const slots: readonly Slot[] = Array.from({ length: context.totalSequences }, (): Slot => {
    const tokenPredictor = createPredictor(isAlone);
    const sequence = context.getSequence(tokenPredictor === undefined ? {} : { tokenPredictor });
    return { sequence, busy: false, usedAt: 0 };
  });
  const kept: KeptPrefix[] = [];
  let clock = 0;

  function take(slot: Slot): LeasedSequence {
    slot.busy = true;
    return {
      sequence: slot.sequence,
      index: slots.indexOf(slot),
      release() {
        slot.busy = false;
        slot.usedAt = ++clock;
      },
    };
  }

  return {
    /**
     * Leases the idle sequence that suits `tokens` best, rewound to the beginning that it shares with them; its
     * `nextTokenIndex` is the length of that, and always smaller than `tokens.length`. Undefined when none is idle.
     */
    async lease(tokens: readonly Token[]): Promise<LeasedSequence | undefined> {
      const slot = bestSlot(slots, tokens);
      if (slot === undefined) return undefined;
      const lease = take(slot);
      try {
        await restore(slot.sequence, tokens, kept);
        return lease;
      } catch (error) {
        lease.release();
        throw error;
      }
    },

    /** Leases all idle sequences, as they are. */
    leaseAll(): readonly LeasedSequence[] {
      return slots.filter(({ busy }) => !busy).map(take);
    },

    /** Evaluates the prefix once and stores its state in `directory`, for sequences that have lost it. */
    async keep(prefix: readonly Token[], directory: string): Promise<void> {
      const slot = bestSlot(slots, prefix);
      if (slot === undefined || prefix.length < WORTH_KEEPING) return;
      const lease = take(slot);
      try {
        await slot.sequence.adaptStateToTokens([...prefix], false);
        await slot.sequence.evaluateWithoutGeneratingNewTokens(prefix.slice(slot.sequence.nextTokenIndex));
        const file = join(directory, `${randomUUID()}.state`);
        await slot.sequence.saveStateToFile(file);
        kept.push({ tokens: prefix, file });
      } finally {
        lease.release();
      }
    },
  };
}

/** Evaluating fewer tokens than this costs less than reading a file. */
const WORTH_KEEPING = 16;

function bestSlot(slots: readonly Slot[], tokens: readonly Token[]): Slot | undefined {
  const index = chooseSequence(
    slots.map(({ sequence, busy, usedAt }) => ({ busy, usedAt, shared: sharedWith(sequence, tokens) })),
  );
  return index === undefined ? undefined : slots[index];
}

function sharedWith(sequence: LlamaContextSequence, tokens: readonly Token[]): number {
  return Math.min(sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex, tokens.length);
}

/** Leaves at least one token to be evaluated, because only an evaluated token can be followed by another. */
async function restore(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  kept: readonly KeptPrefix[],
): Promise<void> {
  const wanted = tokens.slice(0, -1);
  const own = sharedWith(sequence, wanted);
  const [best] = kept
    .map((prefix) => ({ prefix, shared: sharedLength(prefix.tokens, wanted) }))
    .sort((a, b) => b.shared - a.shared);
  if (best !== undefined && best.shared > own + WORTH_KEEPING) {
    // The file was written by this process from the same model.
    await sequence.loadStateFromFile(best.prefix.file, { acceptRisk: true });
  }
  await sequence.adaptStateToTokens(wanted, false);
}

function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  const differs = a.findIndex((token, index) => token !== b[index]);
  return differs === -1 ? a.length : differs;
}
