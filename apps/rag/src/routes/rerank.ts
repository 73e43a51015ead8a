import { RerankList, RerankRequest } from '@xnai/contracts';
import type { App } from '@xnai/service';
import { requireModel } from '../openai/model-name.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';

export function rerankRoutes(app: App, { models }: OpenAiDeps): void {
  app.post(
    '/v1/rerank',
    {
      config: { scope: 'query' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        summary: 'Texts in the order of their relevance to a query',
        body: RerankRequest,
        response: { 200: RerankList },
      },
    },
    async (request) => {
      const { body, signal, deadline } = request;
      const id = models.reranker.info()?.id;
      requireModel(body.model ?? id ?? '', models.reranker, 'RERANKER_NOT_READY');
      const texts = body.documents.map((document) =>
        typeof document === 'string' ? document : document.text,
      );
      const options = { signal, deadline };
      const { scores, tokens } = await models.reranker.rerank(body.query, texts, options);
      const results = scores
        .map((score, index) => ({ index, relevance_score: score }))
        .sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
        .slice(0, body.top_n ?? texts.length)
        .map((result) =>
          body.return_documents ? { ...result, document: { text: texts[result.index] ?? '' } } : result,
        );
      return {
        object: 'list' as const,
        model: id,
        results,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      };
    },
  );
}
