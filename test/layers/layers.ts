/**
 * The layers of each workspace with folders, lowest first. A file imports from its own layer and from lower ones. Folders
 * of one rank stand side by side and do not import each other.
 */
export const LAYERS: Readonly<Record<string, readonly (string | readonly string[])[]>> = {
  'packages/egress/src': ['fetch-error.ts', 'address', 'proxy', 'fetch', ['robots', 'sitemap'], 'index.ts'],
  'packages/inference/src': [
    ['model.ts', 'model-error.ts'],
    [
      'child',
      'choose-seed.ts',
      'explain-model-error.ts',
      'files',
      'json-schema',
      'model-breaker.ts',
      'reply-stream.ts',
    ],
    'config.ts',
    ['command.ts', 'process', 'queue'],
    'model-metrics.ts',
    ['call-account.ts', 'text-reader.ts'],
    ['llama-embedder.ts', 'llama-generator.ts', 'llama-reranker.ts'],
    'open-models.ts',
    'index.ts',
  ],
  'packages/text/src': ['decode-text.ts', 'looks-like-shell.ts', ['chunk', 'extract'], 'index.ts'],
  'apps/crawler/src': [
    ['work-dir.ts', 'hosts.ts', 'redis'],
    'ledger',
    ['browser', 'deliver', 'extract', 'frontier', 'scope'],
    'crawlee',
    'crawl',
    'jobs',
    'scrape',
    'routes',
    ['breakers.ts', 'config.ts', 'egress-metrics.ts'],
    ['checks.ts', 'metrics.ts'],
    'app.ts',
    'open.ts',
    'main.ts',
  ],
  'apps/rag/src': [
    'round-ms.ts',
    'store',
    'retrieve',
    ['ask', 'ingest'],
    'openai',
    'routes',
    ['breakers.ts', 'checks.ts', 'config.ts'],
    'app.ts',
    'open.ts',
    'main.ts',
  ],
};
