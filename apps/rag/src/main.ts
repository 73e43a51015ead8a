import { openModels } from '@xnai/inference';
import { createLogger, ensureFirstKey, memorySources, openKeyRing, runMain, runService } from '@xnai/service';
import { createAnswer } from './answer.ts';
import { INSTRUCTIONS } from './answering/generative/prompt.ts';
import { buildApp } from './app.ts';
import { openBreakers } from './breakers.ts';
import { createChecks } from './checks.ts';
import { loadConfig } from './config.ts';
import { createIngest } from './ingest.ts';
import { createParser } from './parse/parser.ts';
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

  const index = await openSqliteStore(config.index);
  const sources = memorySources(config.folders);
  const breakers = await openBreakers({ log, redis: config.redis, sources });
  const { registry, memory } = breakers;
  const store = guardStore(index, registry.get('store'));
  const parser = createParser(config.parser);
  const models = openModels({
    config: { ...config.models, keptPrefixes: [INSTRUCTIONS] },
    breakers: {
      generate: registry.get('generate'),
      embed: registry.get('embed'),
      rerank: registry.get('rerank'),
    },
    log,
  });
  const retrieve = createRetrieve({ store, ...models });

  const app = await buildApp({
    log,
    keys,
    rateLimitPerMinute: config.rateLimitPerMinute,
    checks: createChecks({ store: index, models, registry }),
    registry,
    memory,
    store,
    ingest: createIngest({ store, parser }),
    retrieve,
    models,
    answer: createAnswer({ store, retrieve, generator: models.generator, budget: () => memory.budget }),
  });
  models.registerMetrics(app.metrics);
  const closeables = [
    { name: 'models', close: () => models[Symbol.asyncDispose]() },
    { name: 'breakers', close: () => breakers[Symbol.asyncDispose]() },
    { name: 'index', close: () => index.close() },
    { name: 'parser', close: () => parser.close() },
  ];
  await runService({ app, log, ...config.listen, closeables });
});
