import type { Moved, MoveProgress } from '@xnai/ops/move';
import { checkTarget } from './check-target.ts';
import { type MoveDeps, moveDocuments, type Pass } from './move-documents.ts';
import { moveVectors } from './move-vectors.ts';

export interface MoveOptions extends MoveDeps {
  /** Makes the target equal to the source, whatever it holds. */
  readonly replace: boolean;
  readonly onProgress: (progress: MoveProgress) => void;
}

/** A source to which more is written than is read in this many passes is not caught up with. */
const MOST_PASSES = 5;

/**
 * Brings all documents of one store to another, with their blocks, times, addresses and vectors. The source is only read,
 * and may be in use: each further pass compares every document by its hash and brings what has changed, until one
 * finds nothing. A move that was stopped is gone on with by the same call.
 *
 * @throws {MoveError} TARGET_DIFFERS when the target holds something else
 */
export async function moveStore({ replace, onProgress, ...deps }: MoveOptions): Promise<Moved> {
  const { from, to, signal } = deps;
  if (!replace) await checkTarget(deps);
  const { documents } = await from.stats({ signal });
  const mayDelete = new Set<string>();
  const passes: Pass[] = [];
  let vectors: Moved['vectors'] = [];
  do {
    const pass = passes.length + 1;
    const tell = (step: MoveProgress['step']) => (done: number) =>
      onProgress({ step, pass, done, documents });
    passes.push(
      await moveDocuments(deps, {
        mayDelete: (key) => replace || mayDelete.has(nameOf(key)),
        onCopied: (key) => mayDelete.add(nameOf(key)),
        onCompared: tell('documents'),
      }),
    );
    vectors = await moveVectors(deps, tell('vectors'));
  } while (hasChanged(passes.at(-1)) && passes.length < MOST_PASSES);
  const [ours, theirs] = [await from.stats({ signal }), await to.stats({ signal })];
  const isEqual = ours.documents === theirs.documents && ours.chunks === theirs.chunks;
  return {
    documents: theirs.documents,
    chunks: theirs.chunks,
    copied: passes.reduce((sum, { copied }) => sum + copied, 0),
    deleted: passes.reduce((sum, { deleted }) => sum + deleted, 0),
    passes: passes.length,
    isWhole: isEqual && !hasChanged(passes.at(-1)),
    differed: passes.at(-1)?.named ?? [],
    vectors,
  };
}

function hasChanged(pass: Pass | undefined): boolean {
  return pass !== undefined && pass.copied + pass.deleted > 0;
}

/** An id holds no line feed. */
function nameOf({ collection, id }: { readonly collection: string; readonly id: string }): string {
  return `${collection}\n${id}`;
}
