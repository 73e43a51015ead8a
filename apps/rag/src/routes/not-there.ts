import { ServiceError } from '@xnai/service';
import type { DocumentKey } from '../store/document-key.ts';

export function noCollection(name: string): ServiceError {
  return new ServiceError('COLLECTION_NOT_FOUND', { detail: `There is no collection "${name}"` });
}

export function noDocument({ collection, id }: DocumentKey): ServiceError {
  return new ServiceError('DOCUMENT_NOT_FOUND', {
    detail: `There is no document "${id}" in the collection "${collection}"`,
  });
}
