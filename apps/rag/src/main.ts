import { createLogger, ensureFirstKey, openKeyRing, runMain, runService } from '@xnai/service';
import { loadConfig } from './config.ts';
import { openRag } from './open.ts';

await runMain(async () => {
  const config = loadConfig();
  const log = createLogger({ name: 'rag', level: config.logLevel, logDir: config.logDir });
  const first = await ensureFirstKey(config.keyFile, config.apiKey);
  if (first?.generated) process.stdout.write(`API key (shown once): ${first.key}\n`);
  const keys = await openKeyRing({
    file: config.keyFile,
    onError: (err) => log.error({ err }, 'key file cannot be read'),
  });
  const { app, closeables } = await openRag(config, { log, keys });
  await runService({ app, log, ...config.listen, closeables });
});
