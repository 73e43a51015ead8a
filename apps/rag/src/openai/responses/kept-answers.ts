import type { ResponseInputItem } from '@xnai/contracts';

/** An answer that its caller may go on with. */
export interface KeptAnswer {
  readonly id: string;
  /** Up to its end. */
  readonly conversation: readonly ResponseInputItem[];
  /** Its own items by their ids. */
  readonly items: ReadonlyMap<string, ResponseInputItem>;
}

export interface KeptAnswers {
  keep(caller: string, answer: KeptAnswer): void;
  /**
   * The conversation of an answer, or the one item, with this id; undefined where it was never kept, not for this caller,
   * or is kept no more.
   */
  find(caller: string, id: string): readonly ResponseInputItem[] | undefined;
  /** False where it was not kept for this caller. */
  forget(caller: string, id: string): boolean;
}

/** A conversation has some 4 KiB, so that the last thousands can go on. */
const MAX_CHARACTERS = 16 * 1024 ** 2;

interface Entry extends KeptAnswer {
  readonly caller: string;
  readonly size: number;
}

/** Keeps answers in memory; the oldest make room for new ones. */
export function createKeptAnswers(maxCharacters = MAX_CHARACTERS): KeptAnswers {
  // By the ids of answers, which are made here and never twice.
  const kept = new Map<string, Entry>();
  const keptItems = new Map<string, Entry>();
  let characters = 0;
  const drop = ({ id, size, items }: Entry) => {
    characters -= size;
    kept.delete(id);
    for (const item of items.keys()) keptItems.delete(item);
  };
  const ofCaller = (caller: string, id: string) => {
    const entry = kept.get(id);
    return entry?.caller === caller ? entry : undefined;
  };
  return {
    keep(caller, answer) {
      const size = JSON.stringify(answer.conversation).length;
      if (size > maxCharacters) return;
      const entry = { ...answer, caller, size };
      kept.set(answer.id, entry);
      for (const item of answer.items.keys()) keptItems.set(item, entry);
      characters += size;
      for (const oldest of kept.values()) {
        if (characters <= maxCharacters) return;
        drop(oldest);
      }
    },
    find(caller, id) {
      const answer = ofCaller(caller, id);
      if (answer !== undefined) return answer.conversation;
      const entry = keptItems.get(id);
      const item = entry?.caller === caller ? entry.items.get(id) : undefined;
      return item === undefined ? undefined : [item];
    },
    forget(caller, id) {
      const entry = ofCaller(caller, id);
      if (entry !== undefined) drop(entry);
      return entry !== undefined;
    },
  };
}
