import { randomUUID } from 'node:crypto';
import { RankedTexts, RerankList, RerankRequest } from '@xnai/contracts';
import type { App } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireModel } from '../openai/model-name.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';

const schema = { summary: 'Texts in the order of their relevance to a query', body: RerankRequest };

const PATHS = [
  ['/v1/rerank', 'postRerank'],
  ['/rerank', 'postRerankTexts'],
] as const;

/** As in llama-server, the field `texts` asks for an answer in the form of Text Embeddings Inference. */
export function rerankRoutes(app: App, deps: OpenAiDeps): void {
  for (const [path, operationId] of PATHS) {
    app.post(
      path,
      {
        config: { scope: 'query' },
        bodyLimit: BODY_LIMIT_BYTES,
        schema: { ...schema, operationId, response: { 200: z.union([RerankList, RankedTexts]) } },
      },
      async (request) => {
        const ranking = await rank(deps, request);
        return request.body.texts == null ? toList(ranking, request.body) : toTexts(ranking, request.body);
      },
    );
  }
  app.post(
    '/v2/rerank',
    {
      config: { scope: 'query' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { ...schema, response: { 200: RerankList } },
    },
    async (request) => {
      const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } };
      return { id: randomUUID(), ...toList(await rank(deps, request), request.body), meta };
    },
  );
}

interface Ranking {
  readonly model: string | undefined;
  readonly tokens: number;
  /** Best first. */
  readonly places: readonly { readonly index: number; readonly score: number; readonly text: string }[];
}

async function rank(
  { models: { reranker } }: OpenAiDeps,
  { body, signal, deadline }: FastifyRequest<{ Body: RerankRequest }>,
): Promise<Ranking> {
  const model = reranker.info()?.id;
  requireModel(body.model ?? model ?? '', reranker, 'RERANKER_NOT_READY');
  const texts = (body.documents ?? body.texts ?? []).map((one) => (typeof one === 'string' ? one : one.text));
  const { scores, tokens } = await reranker.rerank(body.query, texts, { signal, deadline });
  const places = scores
    .map((score, index) => ({ index, score, text: texts[index] ?? '' }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, body.top_n ?? texts.length);
  return { model, tokens, places };
}

function toList({ model, tokens, places }: Ranking, body: RerankRequest) {
  const results = places.map(({ index, score, text }) => ({
    index,
    relevance_score: score,
    ...(body.return_documents && { document: { text } }),
  }));
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { object: 'list' as const, model, results, usage };
}

function toTexts({ places }: Ranking, body: RerankRequest): RankedTexts {
  return places.map(({ text, ...place }) => ({ ...place, ...(body.return_text && { text }) }));
}
