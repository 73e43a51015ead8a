import type { PageQuery } from '../index.ts';

interface Listed {
  readonly next_cursor: string | null;
}

/** The largest that a list gives. */
const PAGE_ITEMS = 1000;

/** The items of all pages of a list, read when they are asked for. */
export async function* everyItem<Answer extends Listed, Item>(
  list: (page: Partial<PageQuery>) => Promise<Answer>,
  itemsOf: (answer: Answer) => readonly Item[],
): AsyncGenerator<Item, void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer: Answer = await list({ limit: PAGE_ITEMS, ...(cursor !== undefined && { cursor }) });
    yield* itemsOf(answer);
    cursor = answer.next_cursor;
  }
}
