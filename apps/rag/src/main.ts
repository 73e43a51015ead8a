import { cgroupMemory, memoryPressure } from '@xnai/resilience';
import { createLogger, ensureFirstKey, openKeyRing, runMain, runService } from '@xnai/service';
import { createAnswer } from './answer.ts';
import { INSTRUCTIONS } from './answering/prompt.ts';
import { buildApp } from './app.ts';
import { createBreakers } from './breakers.ts';
import { createChecks } from './checks.ts';
import { createParser } from './chunk/parser.ts';
import { loadConfig } from './config.ts';
import { createIngest } from './ingest.ts';
import { openModels } from './model/open-models.ts';
import { createRetrieve } from './retrieve.ts';
import { guardStore } from './store/guard-store.ts';
import { openSqliteStore } from './store/sqlite-store.ts';

await runMain(async () => {
  const config = loadConfig();
  const log = createLogger({ name: 'rag', level: config.logLevel, logDir: config.logDir });
  const first = await ensureFirstKey(config.keyFile, config.apiKey);
  if (first?.generated) process.stdout.write(`API key (shown once): ${first.key}\n`);
  const keys = await openKeyRing({
    file: config.keyFile,
    onError: (err) => log.error({ err }, 'key file cannot be read'),
  });

  const breakers = createBreakers({ log, redisUrl: config.redisUrl });
  const memory = breakers.resource('memory', { sources: [cgroupMemory(), memoryPressure()] });
  const index = await openSqliteStore(config.index);
  const store = guardStore(index, breakers.get('store'));
  const parser = createParser(config.parser);
  const models = openModels({
    config: { ...config.models, keptPrefixes: [INSTRUCTIONS] },
    breakers: {
      generate: breakers.get('generate'),
      embed: breakers.get('embed'),
      rerank: breakers.get('rerank'),
    },
    log,
  });
  const retrieve = createRetrieve({ store, ...models });
  await breakers.start();

  const app = await buildApp({
    log,
    keys,
    rateLimitPerMinute: config.rateLimitPerMinute,
    checks: createChecks({ store: index, models, registry: breakers }),
    store,
    ingest: createIngest({ store, parser }),
    retrieve,
    models,
    answer: createAnswer({ store, retrieve, generator: models.generator, budget: () => memory.budget }),
  });
  models.registerMetrics(app.metrics);
  const closeables = [
    { name: 'models', close: () => models[Symbol.asyncDispose]() },
    { name: 'breakers', close: () => breakers.close() },
    { name: 'index', close: () => index.close() },
    { name: 'parser', close: () => parser.close() },
  ];
  await runService({ app, log, ...config.listen, closeables });
});
