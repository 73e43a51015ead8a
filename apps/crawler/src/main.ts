import { join } from 'node:path';
import { assertNothingExposed } from '@xnai/egress';
import { auditPlaces, startAudit } from '@xnai/ops/audit';
import {
  createLogger,
  ensureFirstKey,
  openKeyRing,
  runMain,
  runService,
  startTracing,
  writerOf,
} from '@xnai/service';
import { requireSandbox } from './browser/watch-browser.ts';
import { crawlerSettings, readCrawlerConfig } from './config.ts';
import { openCrawler } from './open.ts';

await runMain(async () => {
  const config = readCrawlerConfig();
  const log = createLogger({ name: 'crawler', level: config.XNAI_LOG_LEVEL, logDir: config.LOG_DIR });
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracing = await startTracing({ name: 'crawler', endpoint, log });
  const keyFile = config.XNAI_API_KEYS_FILE ?? join(config.XNAI_DATA_DIR, 'keys.json');
  const settings = crawlerSettings();
  const audit = await startAudit(auditPlaces(config), {
    writer: writerOf('crawler', config.XNAI_REPLICA),
    log,
    settings,
  });
  const first = await ensureFirstKey(keyFile, { givenKey: config.XNAI_API_KEY, audit });
  if (first?.generated) process.stdout.write(`API key (shown once): ${first.key}\n`);
  const keys = await openKeyRing({
    file: keyFile,
    onError: (err) => log.error({ err }, 'key file cannot be read'),
  });
  const { app, browser, closeables } = await openCrawler(config, { log, keys, audit, tracing });
  if (config.CRAWL_REQUIRE_SANDBOX) await requireSandbox(browser);
  // Before the API's own port: whatever listens beyond loopback now was not asked for.
  assertNothingExposed();
  await runService({
    app,
    log,
    host: config.CRAWL_HOST,
    port: config.CRAWL_PORT,
    closeables: [...(tracing ? [tracing] : []), audit, ...closeables],
    ...config.stop,
  });
});
