import type { DocumentKey } from '../store/document-key.ts';
import type { DocumentRecord } from '../store/store.ts';
import type { TransferSource } from '../store/transfer.ts';
import { MoveError } from './move-error.ts';
import { everyAlias, everyDocument } from './pages.ts';

export interface CheckOptions {
  readonly from: TransferSource;
  readonly to: TransferSource;
  readonly signal: AbortSignal;
}

/**
 * A target may hold what an earlier move brought there, and nothing else: neither documents or addresses that the source
 * does not have, nor later ones than the source's.
 *
 * @throws {MoveError} TARGET_DIFFERS
 */
export async function checkTarget({ from, to, signal }: CheckOptions): Promise<void> {
  const foreign: string[] = [];
  const later: string[] = [];
  for await (const page of everyDocument(to, signal)) {
    for (const document of page) {
      const own = await from.getSummary(document, { signal });
      if (own === undefined && (await from.getAddress(document, { signal })) === undefined)
        foreign.push(nameOf(document));
      else if (own !== undefined && isLater(document, own)) later.push(nameOf(document));
    }
  }
  for await (const alias of everyAlias(to, signal)) {
    if ((await from.getAddress(alias, { signal })) === undefined) foreign.push(nameOf(alias));
  }
  if (foreign.length + later.length === 0) return;
  throw new MoveError('TARGET_DIFFERS', {
    detail: `${[
      count(foreign, 'that the source does not have'),
      count(later, 'that were changed later than those of the source'),
    ]
      .filter(Boolean)
      .join(' and ')}. Nothing was changed. With --replace the target is made equal to the source`,
  });
}

function isLater(document: DocumentRecord, own: DocumentRecord): boolean {
  return document.updatedAt > own.updatedAt;
}

function nameOf({ collection, id }: DocumentKey): string {
  return `${collection}/${id}`;
}

function count(names: readonly string[], what: string): string {
  if (names.length === 0) return '';
  const documents = names.length === 1 ? 'document' : 'documents';
  return `the target holds ${names.length} ${documents} ${what} (${names[0]}${names.length > 1 ? ', …' : ''})`;
}
