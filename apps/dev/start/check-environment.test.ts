import { expect, it } from 'vitest';
import { readEnvironment } from './check-environment.ts';
import { readStartConfig } from './config.ts';

it('names the problems of the starter and of all services at once, each one once', async () => {
  const env = {
    RAG_PORT: 'abc',
    CRAWL_ALLOWED_ORIGINS: 'foo',
    RAG_FOO: '1',
    REDIS_PASSWORD: 'of the starter',
  };
  const error = await readEnvironment(() => readStartConfig(env), env).catch((one: Error) => one);
  const lines = (error as Error).message.split('\n').slice(1);
  expect(lines.map((line) => /- (\w+)/.exec(line)?.[1]).sort()).toEqual([
    'CRAWL_ALLOWED_ORIGINS',
    'RAG_FOO',
    'RAG_PORT',
  ]);
});

it('has nothing to say against an environment without settings', async () => {
  expect(await readEnvironment(() => readStartConfig({}), {})).toMatchObject({ rag: { port: 8080 } });
});
