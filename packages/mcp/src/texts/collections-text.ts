import type { Collection, CollectionList } from '@xnai/contracts';

export function collectionsText({ collections, next_cursor }: CollectionList): string {
  const lines = collections.map(
    ({ name, documents, updated_at, ...vectors }) =>
      `${name}: ${documents} documents, changed ${updated_at}${embeddedOf(vectors)}`,
  );
  if (next_cursor !== null) lines.push(`There are more: cursor ${next_cursor}`);
  return lines.join('\n') || 'There is no collection yet.';
}

type Vectors = Pick<
  Collection,
  'chunks' | 'embedding_model' | 'embedded_chunks' | 'divided_chunks' | 'quarantined_chunks'
>;

function embeddedOf({ chunks, embedding_model: model, ...counts }: Vectors): string {
  if (model === null) return '';
  const { embedded_chunks: embedded, divided_chunks: divided, quarantined_chunks: refused } = counts;
  const inParts = divided === 0 ? '' : `, ${divided} of them in parts`;
  const givenUp = refused === 0 ? '' : `, ${refused} cannot be`;
  return `, ${embedded} of ${chunks} chunks embedded with ${model}${inParts}${givenUp}`;
}
