import { CollectionName } from '@xnai/contracts';
import type { ModelPort } from '@xnai/inference';
import { ModelError, type ModelErrorCode } from '@xnai/inference';
import { ServiceError } from '@xnai/service';

/** The meaning of a model's name in a request: the index, or a model itself. */
export type ModelTarget =
  | { readonly kind: 'index'; readonly collection: string }
  | { readonly kind: 'model' };

/**
 * `rag` is the collection `default`, `rag:{collection}` any; all else must be the name of the generation model. Throws
 * `MODEL_NOT_FOUND`, and `MODEL_NOT_READY` while it is not known what the model is called.
 */
export function readModelName(name: string, generator: ModelPort): ModelTarget {
  if (name === 'rag') return { kind: 'index', collection: 'default' };
  if (name.startsWith('rag:')) {
    const collection = CollectionName.safeParse(name.slice('rag:'.length));
    if (collection.success) return { kind: 'index', collection: collection.data };
    throw notFound(name);
  }
  requireModel(name, generator, 'MODEL_NOT_READY');
  return { kind: 'model' };
}

/** Throws unless the port's model has this name. */
export function requireModel(name: string, port: ModelPort, notReady: ModelErrorCode): void {
  const { detail } = port.state();
  const id = port.info()?.id;
  if (id === undefined) throw new ModelError(notReady, { detail });
  if (id !== name) throw notFound(name);
}

function notFound(name: string): ServiceError {
  const detail = `There is no model "${name}"`;
  return new ServiceError('MODEL_NOT_FOUND', { detail, errors: [{ path: 'model', message: detail }] });
}
