import { OpenAiModel, OpenAiModelList } from '@xnai/contracts';
import type { ModelPort, ServerView } from '@xnai/inference';
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
  const collections = await store.listCollections({ limit: MOST_COLLECTIONS }, { signal });
  return [
    ...describe('chat', models.generator),
    ...describe('embedding', models.embedder),
    ...describe('rerank', models.reranker),
    entry('rag', 'chat', 0),
    ...collections.map(({ name, updatedAt }) =>
      entry(`rag:${name}`, 'chat', Math.floor(Date.parse(updatedAt) / 1000)),
    ),
  ];
}

const MOST_COLLECTIONS = 1000;

/** In the words of Together AI; llama-server and vLLM tell no such thing. */
type ModelType = OpenAiModel['type'];

function describe(type: ModelType, port: ModelPort) {
  const info = port.info();
  if (info === undefined) return [];
  const { id, loadedAt, contextTokens, trainContextTokens, parameters, sizeBytes, dimensions, embedding } =
    info;
  const meta = {
    n_ctx_train: trainContextTokens,
    n_params: parameters,
    size: sizeBytes,
    n_embd: dimensions,
    query_prefix: embedding?.prefixes.query,
    document_prefix: embedding?.prefixes.document,
  };
  const servers = port.servers?.() ?? [];
  return [
    {
      ...entry(id, type, Math.floor(loadedAt.getTime() / 1000)),
      // In the word of vLLM.
      max_model_len: contextTokens,
      meta,
      ...(servers.length === 0 ? {} : { servers: servers.map(toServer) }),
    },
  ];
}

function toServer({ url, model, status, detail, latencyMs, breaker }: ServerView) {
  return { url, model, status, detail, latency_ms: latencyMs, breaker };
}

function entry(id: string, type: ModelType, created: number) {
  return { id, object: 'model' as const, type, created, owned_by: 'xnai' };
}
