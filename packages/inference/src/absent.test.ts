import { describe, expect, it } from 'vitest';
import { createAbsentModels } from './absent.ts';

describe('a replica without models', () => {
  it('says that each model is absent, and why', () => {
    const { generator, embedder, reranker } = createAbsentModels();
    expect([generator, embedder, reranker].map((port) => port.state())).toEqual([
      { status: 'absent', detail: 'no generation model is configured' },
      { status: 'absent', detail: 'no embedding model is configured' },
      { status: 'absent', detail: 'no reranking model is configured' },
    ]);
    expect(generator.info()).toBeUndefined();
  });

  it('refuses every call with the code of the missing model', async () => {
    const { generator, embedder, reranker } = createAbsentModels();
    const generate = async () => {
      for await (const _ of generator.generate({ prompt: { kind: 'text', text: 'x' } }));
    };
    await expect(generate()).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await expect(generator.countTokens(['x'])).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await expect(embedder.embed(['x'], 'query')).rejects.toMatchObject({ code: 'EMBEDDER_NOT_READY' });
    await expect(reranker.rerank('x', ['y'])).rejects.toMatchObject({ code: 'RERANKER_NOT_READY' });
  });
});
