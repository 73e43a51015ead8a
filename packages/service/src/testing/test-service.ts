/** A whole service as a process, for tests of its start and stop. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ensureFirstKey } from '../api-keys.ts';
import { createApp } from '../app.ts';
import { commonEnv, rateLimitsOf } from '../common-env.ts';
import { readConfig } from '../config.ts';
import { env } from '../env.ts';
import { streamEvents } from '../event-stream.ts';
import { openKeyRing } from '../key-ring.ts';
import { createLogger } from '../logger.ts';
import { runMain } from '../run-main.ts';
import { runService } from '../run-service.ts';
import type { Closeable } from '../stop.ts';
import { recordActs } from './record-acts.ts';

const Config = z.object({
  ...commonEnv,
  TEST_PORT: env.port().default(0),
  TEST_GRACE_MS: env.int(1, 60_000).default(4000),
  TEST_HEADERS_TIMEOUT_MS: env.int(1, 60_000).optional(),
  TEST_BAD_CLOSEABLES: env.flag().default(false),
});

await runMain(async () => {
  const config = readConfig(Config, { prefixes: ['TEST_'] });
  const log = createLogger({ name: 'test', logDir: config.LOG_DIR });
  const audit = recordActs();
  const keyFile = join(config.XNAI_DATA_DIR, 'keys.json');
  await ensureFirstKey(keyFile, { givenKey: config.XNAI_API_KEY, audit });
  const keys = await openKeyRing({ file: keyFile });
  const app = await createApp({
    name: 'test',
    version: '0.0.0',
    log,
    keys,
    audit,
    checks: [],
    rateLimits: rateLimitsOf({}),
  });

  const querystring = z.strictObject({ ms: z.coerce.number() });
  app.get('/v1/slow', { config: { scope: 'query' }, schema: { querystring } }, async (request) => {
    log.info('slow began');
    await delay(request.query.ms);
    log.info('slow ended');
    return {};
  });
  app.get('/v1/follow', { config: { scope: 'query' } }, (request, reply) =>
    streamEvents(request, reply, async ({ signal, send }) => {
      await send('began', {});
      if (!signal.aborted) await once(signal, 'abort');
    }),
  );
  app.get('/v1/reject', { config: { scope: 'query' } }, async () => {
    void Promise.reject(new Error('not handled'));
    return {};
  });

  if (config.TEST_HEADERS_TIMEOUT_MS) app.server.headersTimeout = config.TEST_HEADERS_TIMEOUT_MS;

  const closeable = (name: string): Closeable => ({ name, close: () => log.info(`closed ${name}`) });
  const bad: readonly Closeable[] = [
    { name: 'failing', close: () => Promise.reject(new Error('broken')) },
    { name: 'hanging', close: () => new Promise(() => {}) },
  ];
  await runService({
    app,
    log,
    host: '127.0.0.1',
    port: config.TEST_PORT,
    closeables: [closeable('first'), closeable('second'), ...(config.TEST_BAD_CLOSEABLES ? bad : [])],
    drainMs: config.XNAI_STOP_DRAIN,
    graceMs: config.TEST_GRACE_MS,
  });
});
