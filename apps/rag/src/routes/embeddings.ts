import { EmbeddingList, EmbeddingRequest } from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import { inputTexts } from '../openai/input-texts.ts';
import { requireModel } from '../openai/model-name.ts';
import { BODY_LIMIT_BYTES, type OpenAiDeps } from '../openai/openai-deps.ts';

export function embeddingRoutes(app: App, { models }: OpenAiDeps): void {
  app.post(
    '/v1/embeddings',
    {
      config: { scope: 'query' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { summary: 'Vectors of texts', body: EmbeddingRequest, response: { 200: EmbeddingList } },
    },
    async (request) => {
      const { body, signal, deadline } = request;
      requireModel(body.model, models.embedder, 'EMBEDDER_NOT_READY');
      checkDimensions(body.dimensions, models.embedder.info()?.dimensions);
      const texts = await inputTexts(body.input);
      // The vector of a question that is searched for goes ahead.
      const options = { signal, deadline, priority: 'background' } as const;
      const { vectors, tokens } = await models.embedder.embed(texts, 'plain', options);
      const encode = body.encoding_format === 'base64' ? toBase64 : (vector: Float32Array) => [...vector];
      return {
        object: 'list' as const,
        data: vectors.map((vector, index) => ({
          object: 'embedding' as const,
          index,
          embedding: encode(vector),
        })),
        model: body.model,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      };
    },
  );
}

function checkDimensions(asked: number | null | undefined, there: number | undefined): void {
  if (asked == null || asked === there) return;
  const message = `the model's vectors have ${there} dimensions and cannot be shortened`;
  throw new ServiceError('VALIDATION', {
    detail: `dimensions: ${message}`,
    errors: [{ path: 'dimensions', message }],
  });
}

/** Little-endian floats, as the machines that this runs on store them. */
function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
