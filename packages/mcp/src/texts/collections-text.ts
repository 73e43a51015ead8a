import type { CollectionList } from '@xnai/contracts';

export function collectionsText({ collections, next_cursor }: CollectionList): string {
  const lines = collections.map(
    ({ name, documents, updated_at }) => `${name}: ${documents} documents, changed ${updated_at}`,
  );
  if (next_cursor !== null) lines.push(`There are more: cursor ${next_cursor}`);
  return lines.join('\n') || 'There is no collection yet.';
}
