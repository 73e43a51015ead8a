import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

describe('the configuration', () => {
  test('has a default for everything, all data in one folder', () => {
    expect(loadConfig({})).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      index: { path: 'data/index/rag.sqlite', maxBytes: undefined },
      keyFile: 'data/keys.json',
      redis: { url: undefined, breakerUrl: undefined },
      folders: ['data/index', undefined],
      rateLimits: { ask: 600, write: 6000, crawl: 600, keyless: 600 },
    });
  });

  test('says where the index is, how large it may be, and which Redis is meant', () => {
    const config = loadConfig({
      XNAI_DATA_DIR: '/d',
      RAG_INDEX_DIR: '/i',
      RAG_INDEX_MAX_BYTES: '64MiB',
      REDIS_URL: 'redis://a:1',
      REDIS_BREAKER_URL: 'redis://b:2',
    });
    expect(config).toMatchObject({
      index: { path: '/i/rag.sqlite', maxBytes: 64 * 1024 ** 2 },
      keyFile: '/d/keys.json',
      redis: { url: 'redis://a:1', breakerUrl: 'redis://b:2' },
    });
    expect(loadConfig({ REDIS_URL: 'redis://a:1' }).redis.breakerUrl).toBe('redis://a:1');
  });

  test('says which database keeps the index, without its password, and takes no snapshots of it', () => {
    const config = loadConfig({
      RAG_STORE: 'postgres://rag:s3cret@db:5432/rag',
      RAG_STORE_PASSWORD_FILE: '/run/secrets/db',
      RAG_SNAPSHOT_DIR: '/snapshots',
    });
    expect(config).toMatchObject({
      database: {
        url: 'postgres://rag:s3cret@db:5432/rag',
        passwordFile: '/run/secrets/db',
        connections: 10,
      },
      snapshots: undefined,
    });
    expect(JSON.stringify(config.settings)).not.toContain('s3cret');
    expect(loadConfig({ RAG_STORE: 'sqlite:', RAG_SNAPSHOT_DIR: '/snapshots' })).toMatchObject({
      database: undefined,
      snapshots: { folder: '/snapshots' },
    });
    expect(() => loadConfig({ RAG_STORE: 'mysql://db/rag' })).toThrow('RAG_STORE');
  });

  test('names all problems at once, unknown variables among them', () => {
    const wrong = { RAG_PORT: '99999', RAG_INDEX_READERS: '0', RAG_COLOUR: 'red', REDIS_URL: 'http://x' };
    for (const name of Object.keys(wrong)) expect(() => loadConfig(wrong)).toThrow(name);
  });
});
