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
  it('fetches small models of free licences when nothing is said', () => {
    expect(read({})).toMatchObject({
      sources: {
        generate: {
          kind: 'hub',
          repository: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
          choice: { quantization: 'q4_0' },
        },
        embed: {
          kind: 'hub',
          repository: 'CompendiumLabs/bge-small-en-v1.5-gguf',
          choice: { quantization: 'Q8_0' },
        },
        rerank: { kind: 'none' },
      },
      directory: '/data/models',
      mayFetch: true,
      threads: undefined,
      vulkan: 'auto',
    });
  });

  it('embeds nothing by itself where nothing is generated', () => {
    expect(read({ RAG_GENERATE_MODEL: 'none' }).sources.embed).toEqual({ kind: 'none' });
    expect(read({ RAG_EMBED_MODEL: 'none' }).sources.embed).toEqual({ kind: 'none' });
    const asked = read({ RAG_GENERATE_MODEL: 'none', RAG_EMBED_MODEL: 'hf:a/b' });
    expect(asked.sources.embed).toMatchObject({ repository: 'a/b' });
  });

  it('takes servers, the name of their model, and a local model that stands in', () => {
    const { sources, remote } = read({
      RAG_GENERATE_URL: 'http://gpu1:8000, https://gpu2/v1/#other',
      RAG_GENERATE_KEY: 'secret',
      RAG_GENERATE_MODEL: 'Qwen/Qwen2.5-7B-Instruct',
      RAG_EMBED_URL: 'http://gpu1:8001',
      RAG_EMBED_MODEL: 'hf:a/b',
    });
    expect(remote).toEqual({
      generate: {
        servers: [
          { base: 'http://gpu1:8000/v1', model: 'Qwen/Qwen2.5-7B-Instruct' },
          { base: 'https://gpu2/v1', model: 'other' },
        ],
        key: 'secret',
      },
      embed: { servers: [{ base: 'http://gpu1:8001/v1' }] },
    });
    expect(sources).toMatchObject({ generate: { kind: 'none' }, embed: { repository: 'a/b' } });
    expect(read({ RAG_GENERATE_URL: 'http://gpu1:8000' }).sources).toMatchObject({
      generate: { kind: 'none' },
      embed: { repository: 'CompendiumLabs/bge-small-en-v1.5-gguf' },
    });
  });

  it.each([
    'gpu1:8000',
    'ftp://gpu1',
    'http://me:secret@gpu1',
    'http://gpu1?key=secret',
    'http://a,http://a/v1',
    ',',
  ])('refuses the servers %s without repeating what may be a secret', (text) => {
    expect(() => read({ RAG_GENERATE_URL: text })).toThrow(/^(?!.*secret).*RAG_GENERATE_URL/s);
  });

  it('takes a device by its index, and a quantization for the repository of the generator alone', () => {
    const env = { GGUF_QUANTIZATION: 'q5_0', RAG_EMBED_MODEL: 'hf:a/b', RAG_RERANK_MODEL: 'hf:a/c:F16' };
    const { sources, vulkan } = read({ VULKAN_DEVICE_SELECT: '1', ...env });
    expect(vulkan).toBe(1);
    expect(sources).toMatchObject({
      generate: { choice: { quantization: 'q5_0' } },
      embed: { choice: { quantization: 'Q8_0' } },
      rerank: { choice: { quantization: 'F16' } },
    });
  });

  it('takes prefixes as they are written, a line break as \\n, and none as an empty one', () => {
    expect(read({}).embedPrefixes).toEqual({});
    const env = { RAG_EMBED_QUERY_PREFIX: 'Find:\\nQuery: ', RAG_EMBED_DOCUMENT_PREFIX: 'none' };
    expect(read(env).embedPrefixes).toEqual({ query: 'Find:\nQuery: ', document: '' });
  });

  it('takes models from an object store, which must be named where they are fetched', () => {
    const env = { RAG_EMBED_MODEL: 's3://models/small.gguf', RAG_EMBED_URL: 'http://gpu1:8000' };
    const source = { kind: 'object', bucket: 'models', key: 'small.gguf', sha256: undefined };
    const named = read({ ...env, XNAI_S3_ENDPOINT: 'https://s3.example.org' });
    expect(named.sources.embed).toEqual(source);
    expect(named.objectStore).toMatchObject({ endpoint: 'https://s3.example.org', login: undefined });
    expect(() => read(env)).toThrow('XNAI_S3_ENDPOINT is missing: the s3: URI in RAG_EMBED_MODEL needs it');
    expect(read({ ...env, RAG_MODELS_FETCH: 'off' }).sources.embed).toEqual(source);
  });

  it.each([
    { RAG_GENERATE_MODEL: 'hf:nothing' },
    { RAG_GENERATE_MODEL: 'https://example.org/a.gguf' },
    { VULKAN_DEVICE_SELECT: 'first' },
    { INFERENCE_THREADS: '0' },
    { GGUF_QUANTIZATION: '../q4' },
    { RAG_MODELS_FETCH: 'maybe' },
    { RAG_MODELS_ENDPOINT: 'https://user:secret@hub.example' },
    { RAG_EMBED_MODEL: 's3://models/small.bin' },
    { XNAI_S3_ENDPOINT: 's3.example.org' },
  ])('refuses what makes no sense, by name: %j', (env) => {
    expect(() => read(env)).toThrow(Object.keys(env)[0]);
  });
});
