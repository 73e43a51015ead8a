import { startRedis, type TestRedis } from '@xnai/testing';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { createRedisStore } from '../redis/redis-store.ts';
import { MemoryBackend } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

describe('the store in memory keeps the contract', () => {
  for (const { name, run } of storeContract) {
    const backend = new MemoryBackend();
    test(name, () => run(() => backend.connect()));
  }
});

describe('the store in Redis keeps the contract', () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(() => server.client.flushall());
  afterAll(() => server[Symbol.asyncDispose]());
  for (const { name, run } of storeContract) {
    test(name, () => run(() => createRedisStore({ url: server.url, commandTimeoutMs: 2_000 })));
  }
});
