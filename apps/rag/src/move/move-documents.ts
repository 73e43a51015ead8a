import type { DocumentKey } from '../store/document-key.ts';
import type { TransferSource, TransferTarget } from '../store/transfer.ts';
import { digestOf } from './digest.ts';
import { collectionsOf, documentsOf, everyDocument } from './pages.ts';

export interface MoveDeps {
  readonly from: TransferSource;
  readonly to: TransferTarget;
  readonly signal: AbortSignal;
}

export interface Pass {
  /** Documents of the source that were compared with the target's. */
  readonly compared: number;
  readonly copied: number;
  readonly deleted: number;
  /** Those that were copied: at most `MOST_NAMED` by name. */
  readonly named: readonly string[];
}

export interface PassOptions {
  /** Whether a document of the target that the source does not have is to go. */
  readonly mayDelete: (key: DocumentKey) => boolean;
  readonly onCopied: (key: DocumentKey) => void;
  readonly onCompared: (documents: number) => void;
}

/** Side by side: the target writes them in one transaction where it can. */
const AT_ONCE = 16;
const MOST_NAMED = 5;

/** Brings every document to the target that is not there, or is not the same by its hash, and deletes what is gone. */
export async function moveDocuments(deps: MoveDeps, options: PassOptions): Promise<Pass> {
  const pass = { compared: 0, copied: 0, deleted: 0, named: [] as string[] };
  for await (const some of everyDocument(deps.from, deps.signal, AT_ONCE)) {
    const isCopied = await Promise.all(some.map((document) => copyOne(deps, document)));
    for (const { collection, id } of some.filter((_, n) => isCopied[n])) {
      pass.copied += 1;
      if (pass.named.length < MOST_NAMED) pass.named.push(`${collection}/${id}`);
      options.onCopied({ collection, id });
    }
    pass.compared += some.length;
    options.onCompared(pass.compared);
  }
  return { ...pass, deleted: await deleteGone(deps, options.mayDelete) };
}

/** False where it is there already, or has gone meanwhile. */
async function copyOne({ from, to, signal }: MoveDeps, { collection, id }: DocumentKey): Promise<boolean> {
  const key = { collection, id };
  const [document, there] = await Promise.all([
    from.exportDocument(key, { signal }),
    to.exportDocument(key, { signal }),
  ]);
  if (document === undefined || digestOf(document) === digestOf(there)) return false;
  await to.importDocument(document, { signal });
  return true;
}

async function deleteGone(
  { from, to, signal }: MoveDeps,
  mayDelete: PassOptions['mayDelete'],
): Promise<number> {
  let deleted = 0;
  for await (const collection of collectionsOf(to, signal)) {
    for await (const page of documentsOf(to, collection, signal)) {
      for (const key of page) {
        if (!mayDelete(key) || (await from.getSummary(key, { signal })) !== undefined) continue;
        await deleteWithAliases({ to, signal }, key);
        deleted += 1;
      }
    }
    const isThere = (await from.getCollection(collection, { signal })) !== undefined;
    const { documents = 1 } = (await to.getCollection(collection, { signal })) ?? {};
    if (!isThere && documents === 0) await to.deleteCollection(collection, { signal });
  }
  return deleted;
}

/** The aliases first, since one of them would take the document's place. */
async function deleteWithAliases({ to, signal }: Omit<MoveDeps, 'from'>, { collection, id }: DocumentKey) {
  const { aliases = [] } = (await to.exportDocument({ collection, id }, { signal })) ?? {};
  for (const alias of aliases) await to.deleteDocument({ collection, id: alias.id }, { signal });
  await to.deleteDocument({ collection, id }, { signal });
}
