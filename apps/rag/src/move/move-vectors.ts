import type { Moved } from '@xnai/ops/move';
import type { VectorSet, VectorSetStats, VectorStats } from '../store/vectors.ts';
import type { MoveDeps } from './move-documents.ts';
import { collectionsOf, documentsOf } from './pages.ts';

/**
 * Brings the vectors of the source to the target: of the set that is searched, and of the one that is made where it is
 * another. Texts that have none in the source are pending in the target, and so are those that were given up.
 */
export async function moveVectors(
  deps: MoveDeps,
  onMoved: (documents: number) => void,
): Promise<Moved['vectors']> {
  const { searched, made } = await deps.from.vectors.stats(undefined, { signal: deps.signal });
  const sets = [searched, made].filter((set) => set !== undefined);
  const moved: Moved['vectors'] = [];
  for (const set of sets.filter(({ id }, n) => sets.findIndex((other) => other.id === id) === n)) {
    await deps.to.vectors.begin(toSet(set), { signal: deps.signal });
    for await (const collection of collectionsOf(deps.from, deps.signal)) {
      await moveOfCollection(deps, { set: set.id, collection }, onMoved);
    }
    const stats = setIn(await deps.to.vectors.stats(undefined, { signal: deps.signal }), set.id);
    if (stats) moved.push({ model: stats.model, embedded: stats.embedded, pending: stats.pending });
  }
  return moved;
}

function toSet({ id, model, dimensions }: VectorSet): VectorSet {
  return { id, model, dimensions };
}

function setIn({ made, searched }: VectorStats, id: string): VectorSetStats | undefined {
  return [made, searched].find((set) => set?.id === id);
}

async function moveOfCollection(
  { from, to, signal }: MoveDeps,
  { set, collection }: { readonly set: string; readonly collection: string },
  onMoved: (documents: number) => void,
): Promise<void> {
  if ((await to.getCollection(collection, { signal })) === undefined) return;
  let documents = 0;
  const isWhole = async () => setIn(await to.vectors.stats(collection, { signal }), set)?.pending === 0;
  if (await isWhole()) return;
  for await (const page of documentsOf(from, collection, signal)) {
    const found = await Promise.all(
      page.map(({ id }) => from.documentVectors(set, { collection, id }, { signal })),
    );
    const vectors = found.flat();
    if (vectors.length > 0) await to.vectors.put(set, vectors, { signal });
    documents += page.length;
    onMoved(documents);
  }
}
