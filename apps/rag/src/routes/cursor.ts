import { ServiceError } from '@xnai/service';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Reads one item more than asked for, to know whether there is a next page. */
export async function readPage<T>(
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  list: (page: { after: string | undefined; limit: number }) => Promise<readonly T[]>,
  keyOf: (item: T) => string,
): Promise<Page<T>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const found = await list({ after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { items, nextCursor: isMore ? Buffer.from(keyOf(last)).toString('base64url') : null };
}

function decodeCursor(cursor: string): string {
  const after = Buffer.from(cursor, 'base64url').toString('utf8');
  if (after !== '' && Buffer.from(after).toString('base64url') === cursor) return after;
  throw wrongCursor();
}

export function wrongCursor(): ServiceError {
  const message = 'expected the next_cursor of an earlier answer';
  return new ServiceError('VALIDATION', { errors: [{ path: 'cursor', message }] });
}
