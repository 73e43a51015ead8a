import type { ResponseInputItem } from '@xnai/contracts';

/** Conversations and items of answers that their callers may go on with, by id. */
export interface KeptItems {
  keep(caller: string, id: string, items: readonly ResponseInputItem[]): void;
  /** Undefined where it was never kept, not for this caller, or is kept no more. */
  find(caller: string, id: string): readonly ResponseInputItem[] | undefined;
}

/** A conversation has some 4 KiB, so that the last thousands can go on. */
const MAX_CHARACTERS = 16 * 1024 ** 2;

/** Keeps them in memory; the oldest make room for new ones. */
export function createKeptItems(maxCharacters = MAX_CHARACTERS): KeptItems {
  const kept = new Map<string, { readonly items: readonly ResponseInputItem[]; readonly size: number }>();
  let characters = 0;
  const drop = (key: string) => {
    characters -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };
  return {
    keep(caller, id, items) {
      const key = keyOf(caller, id);
      const size = JSON.stringify(items).length;
      drop(key);
      kept.set(key, { items, size });
      characters += size;
      for (const oldest of kept.keys()) {
        if (characters <= maxCharacters) return;
        drop(oldest);
      }
    },
    find: (caller, id) => kept.get(keyOf(caller, id))?.items,
  };
}

const keyOf = (caller: string, id: string) => JSON.stringify([caller, id]);
