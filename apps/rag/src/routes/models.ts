import { OpenAiModel, OpenAiModelList } from '@xnai/contracts';
import type { ModelInfo } from '@xnai/inference';
import { type App, ServiceError } from '@xnai/service';
import { z } from 'zod';
import type { OpenAiDeps } from '../openai/openai-deps.ts';

const Params = z.object({ '*': z.string().describe('Id of the model, or `rag:{collection}`') });

/** Models by name, and each collection as the model `rag:{collection}`. */
export function modelRoutes(app: App, deps: OpenAiDeps): void {
  const config = { scope: 'query' } as const;
  app.get(
    '/v1/models',
    {
      config,
      schema: { summary: 'The models and collections to chat with', response: { 200: OpenAiModelList } },
    },
    async ({ signal }) => ({
      object: 'list' as const,
      data: await listModels(deps, signal),
    }),
  );
  app.get(
    '/v1/models/*',
    { config, schema: { summary: 'One of them', params: Params, response: { 200: OpenAiModel } } },
    async ({ params, signal }) => {
      const found = (await listModels(deps, signal)).find(({ id }) => id === params['*']);
      if (found === undefined)
        throw new ServiceError('MODEL_NOT_FOUND', { detail: `There is no model "${params['*']}"` });
      return found;
    },
  );
}

async function listModels({ models, store }: OpenAiDeps, signal: AbortSignal) {
  const infos = [models.generator, models.embedder, models.reranker].flatMap((port) => port.info() ?? []);
  const collections = await store.listCollections({ limit: MOST_COLLECTIONS }, { signal });
  return [
    ...infos.map(describe),
    entry('rag', 0),
    ...collections.map(({ name, updatedAt }) =>
      entry(`rag:${name}`, Math.floor(Date.parse(updatedAt) / 1000)),
    ),
  ];
}

const MOST_COLLECTIONS = 1000;

function describe({ id, loadedAt, trainContextTokens, parameters, sizeBytes, dimensions }: ModelInfo) {
  const meta = { n_ctx_train: trainContextTokens, n_params: parameters, size: sizeBytes, n_embd: dimensions };
  return { ...entry(id, Math.floor(loadedAt.getTime() / 1000)), meta };
}

function entry(id: string, created: number) {
  return { id, object: 'model' as const, created, owned_by: 'xnai' };
}
