import { startAudit } from '@xnai/ops/audit';
import {
  createLogger,
  ensureFirstKey,
  openKeyRing,
  runMain,
  runService,
  startTracing,
  writerOf,
} from '@xnai/service';
import { loadConfig } from './config.ts';
import { openRag } from './open.ts';

await runMain(async () => {
  const config = loadConfig();
  const log = createLogger({ name: 'rag', level: config.logLevel, logDir: config.logDir });
  const { settings } = config;
  const tracing = await startTracing({ name: 'rag', endpoint: config.tracesEndpoint, log });
  const audit = await startAudit(config.audit, { writer: writerOf('rag', config.replica), log, settings });
  const first = await ensureFirstKey(config.keyFile, { givenKey: config.apiKey, audit });
  if (first?.generated) process.stdout.write(`API key (shown once): ${first.key}\n`);
  const keys = await openKeyRing({
    file: config.keyFile,
    onError: (err) => log.error({ err }, 'key file cannot be read'),
  });
  const { app, closeables } = await openRag(config, { log, keys, audit, tracing });
  await runService({
    app,
    log,
    ...config.listen,
    closeables: [...(tracing ? [tracing] : []), audit, ...closeables],
    ...config.stop,
  });
});
