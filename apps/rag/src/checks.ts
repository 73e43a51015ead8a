import type { DegradedToken } from '@xnai/contracts';
import type { ModelPort, ModelStatus, Models } from '@xnai/inference';
import type { Registry } from '@xnai/resilience';
import { breakerChecks, type Check } from '@xnai/service';
import type { Judge } from './ask/judge/judge.ts';
import { createStoreCheck, type StoreCheckDeps } from './store/check-store.ts';

export interface CheckDeps extends Pick<StoreCheckDeps, 'store'> {
  readonly models: Models;
  readonly judge: Pick<Judge, 'state'>;
  readonly registry: Pick<Registry<'store'>, 'checks' | 'snapshot' | 'get'>;
  readonly embedding: { readonly check: Check };
  readonly selfChecks: { readonly check: Check };
  /** Undefined: none are made. */
  readonly snapshots: { readonly check: Check } | undefined;
}

/** The checks of `/readyz`. Only the store is essential: without it this replica serves nothing. */
export function createChecks(deps: CheckDeps): Check[] {
  const { store, models, judge, registry, embedding, selfChecks, snapshots } = deps;
  return [
    createStoreCheck({ store, breaker: registry.get('store') }),
    modelCheck('model', models.generator),
    judgeCheck(judge),
    modelCheck('embedder', models.embedder),
    embedding.check,
    selfChecks.check,
    modelCheck('reranker', models.reranker),
    ...modelServerCheck(models),
    ...breakerChecks(registry),
    ...(snapshots ? [snapshots.check] : []),
  ];
}

/** A model that is absent degrades nothing. */
function modelCheck(name: DegradedToken, port: ModelPort): Check {
  return {
    name,
    degradedToken: name,
    isOptional: true,
    check: () => {
      const { status, detail } = port.state();
      return { status: CHECK_STATUS[status], detail };
    },
  };
}

/** Models that run elsewhere. That a local model stands in degrades; servers that are missed, the model's own check tells. */
function modelServerCheck(models: Models): Check[] {
  const ports = { model: models.generator, embedder: models.embedder, reranker: models.reranker };
  const used = Object.entries(ports).filter(([, port]) => (port.servers?.() ?? []).length > 0);
  if (used.length === 0) return [];
  const check: Check = {
    name: 'model-server',
    degradedToken: 'model-server',
    check: () => {
      const isStoodIn = used.some(([, port]) => port.state().isStandIn === true);
      return {
        status: isStoodIn ? 'degraded' : 'ok',
        detail: Object.fromEntries(used.map(([name, port]) => [name, port.state().detail])),
      };
    },
  };
  return [check];
}

/** A judge that is off degrades nothing: sources are chosen by their words then. */
function judgeCheck(judge: CheckDeps['judge']): Check {
  return {
    name: 'judge',
    check: () => {
      const { status, detail } = judge.state();
      return { status: status === 'on' ? 'ok' : 'absent', detail: `${status}: ${detail}` };
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
