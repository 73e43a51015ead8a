import type { DegradedToken } from '@xnai/contracts';
import type { ModelPort, ModelStatus, Models } from '@xnai/inference';
import type { Registry } from '@xnai/resilience';
import { breakerChecks, type Check } from '@xnai/service';
import type { Store } from './store/store.ts';

export interface CheckDeps {
  /** Not the guarded one: a check must look at the store itself. */
  readonly store: Store;
  readonly models: Models;
  readonly registry: Pick<Registry, 'checks' | 'snapshot'>;
}

/** The checks of `/readyz`. Only the store is essential: without it this replica serves nothing. */
export function createChecks({ store, models, registry }: CheckDeps): Check[] {
  return [
    { name: 'store', essential: true, check: (signal) => checkStore(store, signal) },
    modelCheck('model', models.generator),
    modelCheck('embedder', models.embedder),
    modelCheck('reranker', models.reranker),
    ...breakerChecks(registry),
  ];
}

async function checkStore(store: Store, signal: AbortSignal) {
  const { documents, chunks, outdated, fileBytes } = await store.stats({ signal });
  const detail = { documents, chunks, documents_to_reread: outdated, file_bytes: fileBytes };
  return { status: 'ok' as const, detail };
}

/** A model that is not configured is absent, which degrades nothing. */
function modelCheck(name: DegradedToken, port: ModelPort): Check {
  const isConfigured = port.state().status !== 'absent';
  return {
    name,
    ...(isConfigured ? { degradedToken: name } : {}),
    check: () => {
      const { status, detail } = port.state();
      return { status: CHECK_STATUS[status], detail };
    },
  };
}

const CHECK_STATUS = {
  absent: 'absent',
  fetching: 'starting',
  loading: 'starting',
  ready: 'ok',
  down: 'down',
} as const;
CHECK_STATUS satisfies Record<ModelStatus, string>;
