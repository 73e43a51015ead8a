import type { QuarantinedText, SetCheck, TextVector, VectorSet } from '../vectors.ts';
import { putVectors, quarantineText } from './chunk-vectors.ts';
import type { Database } from './database.ts';
import { beginSet, deleteOldBlock, discardSets, hasOldSets, searchWholeSet } from './make-vectors.ts';
import { keepCheck } from './set-checks.ts';
import { hashTexts } from './vector-texts.ts';

/** Changes of vectors that are no changes of documents. `set` is the id of a set. */
export type VectorWrite =
  | { readonly kind: 'begin-vectors'; readonly set: VectorSet }
  | { readonly kind: 'discard-vectors' }
  | { readonly kind: 'hash-texts' }
  | { readonly kind: 'vectors'; readonly set: string; readonly vectors: readonly TextVector[] }
  | { readonly kind: 'quarantine'; readonly set: string; readonly text: QuarantinedText }
  | { readonly kind: 'keep-check'; readonly check: SetCheck }
  | { readonly kind: 'delete-old-vectors' };

/** Applies the change inside the open transaction. True while vectors of old sets are left to delete. */
export function applyVectorWrite(db: Database, write: VectorWrite): boolean {
  switch (write.kind) {
    case 'begin-vectors':
      beginSet(db, write.set);
      break;
    case 'discard-vectors':
      discardSets(db);
      break;
    case 'hash-texts':
      hashTexts(db);
      break;
    case 'vectors':
      putVectors(db, write.set, write.vectors);
      break;
    case 'quarantine':
      quarantineText(db, write.set, write.text);
      break;
    case 'keep-check':
      keepCheck(db, write.check);
      break;
    case 'delete-old-vectors':
      deleteOldBlock(db);
      break;
  }
  searchWholeSet(db);
  return hasOldSets(db);
}
