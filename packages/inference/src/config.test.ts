import { readConfig } from '@xnai/service';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelsConfig, modelVariables } from './config.ts';

function read(env: Record<string, string>) {
  return modelsConfig(
    readConfig(z.object({ XNAI_DATA_DIR: z.string().default('/data'), ...modelVariables }), { env }),
  );
}

describe('the environment of the models', () => {
  it('fetches a small model of free licence when nothing is said, and embeds nothing', () => {
    expect(read({})).toMatchObject({
      sources: {
        generate: {
          kind: 'hub',
          repository: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
          choice: { quantization: 'q4_0' },
        },
        embed: { kind: 'none' },
        rerank: { kind: 'none' },
      },
      directory: '/data/models',
      mayFetch: true,
      threads: undefined,
      vulkan: 'auto',
    });
  });

  it('takes a device by its index, and a quantization for repositories that name none', () => {
    const config = read({ VULKAN_DEVICE_SELECT: '1', GGUF_QUANTIZATION: 'q8_0', RAG_EMBED_MODEL: 'hf:a/b' });
    expect(config.vulkan).toBe(1);
    expect(config.sources.embed).toMatchObject({ choice: { quantization: 'q8_0' } });
  });

  it('takes prefixes as they are written, a line break as \\n, and none as an empty one', () => {
    expect(read({}).embedPrefixes).toEqual({});
    const env = { RAG_EMBED_QUERY_PREFIX: 'Find:\\nQuery: ', RAG_EMBED_DOCUMENT_PREFIX: 'none' };
    expect(read(env).embedPrefixes).toEqual({ query: 'Find:\nQuery: ', document: '' });
  });

  it.each([
    { RAG_GENERATE_MODEL: 'hf:nothing' },
    { RAG_GENERATE_MODEL: 'https://example.org/a.gguf' },
    { VULKAN_DEVICE_SELECT: 'first' },
    { INFERENCE_THREADS: '0' },
    { GGUF_QUANTIZATION: '../q4' },
    { RAG_MODELS_FETCH: 'maybe' },
    { RAG_MODELS_ENDPOINT: 'https://user:secret@hub.example' },
  ])('refuses what makes no sense, by name: %j', (env) => {
    expect(() => read(env)).toThrow(Object.keys(env)[0]);
  });
});
