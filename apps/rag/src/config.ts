import { join, resolve } from 'node:path';
import { modelsConfig, modelVariables } from '@xnai/inference';
import { auditPlaces } from '@xnai/ops/audit';
import { commonEnv, type Env, env, rateLimitsOf, readConfig, settingsOf, stopTimesOf } from '@xnai/service';
import { z } from 'zod';

const Variables = z.object({
  ...commonEnv,
  RAG_HOST: env.text().default('127.0.0.1'),
  RAG_PORT: env.port().default(8080),
  /** `sqlite:` for a file in `RAG_INDEX_DIR`, or the URL of a PostgreSQL database. */
  RAG_STORE: env
    .secret()
    .refine(isStore, 'expected sqlite: or postgres://USER@HOST:PORT/DATABASE')
    .default('sqlite:'),
  /** In place of a password in `RAG_STORE`. */
  RAG_STORE_PASSWORD_FILE: env.text().optional(),
  /** To the database at a time; half of them write. */
  RAG_STORE_CONNECTIONS: env.int(2, 200).default(10),
  /** Default: `index` in `XNAI_DATA_DIR`. */
  RAG_INDEX_DIR: env.text().optional(),
  /** The index file grows no further: more is refused with 503. Default: no limit but the disk. */
  RAG_INDEX_MAX_BYTES: env.bytes().optional(),
  /** Where finished copies of the index go. Default: none are made. */
  RAG_SNAPSHOT_DIR: env.text().optional(),
  /** A copy is made this long after the last one, when something was written. */
  RAG_SNAPSHOT_INTERVAL: env.durationMs().default(5 * 60_000),
  /** Threads that search side by side. */
  RAG_INDEX_READERS: env.int(1, 16).default(2),
  /** Threads that parse documents side by side. */
  RAG_PARSE_THREADS: env.int(1, 16).default(1),
  /** For one document. */
  RAG_PARSE_TIMEOUT: env.durationMs().default(60_000),
  /** Of the process that reads files: a manual of 2,400 pages takes 420 MiB. */
  RAG_FILE_MEMORY: env.bytes().default(512 * 1024 ** 2),
  /** Of Redis, for answers that are kept for equal questions; 0 keeps none. */
  RAG_ANSWER_CACHE_BYTES: env.bytes().default(16 * 1024 ** 2),
  /** How long they are kept at most; 0s keeps none. */
  RAG_ANSWER_CACHE_TTL: env.durationMs().default(60 * 60_000),
  ...modelVariables,
  /** `off`: the model writes without judging first which passages state the answer. */
  RAG_JUDGE: env.oneOf('auto', 'off').default('auto'),
  /** The crawler that the console works with. Default: none. */
  RAG_CRAWLER_URL: env.url().optional(),
  /** Where the built console is. Default: where the set-up and the image build it. */
  RAG_CONSOLE_DIR: env.text().default(join(import.meta.dirname, '../../console/dist')),
  /** Where people reach rag, for links into the console. Default: the address that a request was sent to. */
  RAG_PUBLIC_URL: env.url().optional(),
  REDIS_URL: env.redisUrl().optional(),
  /** Where breakers are shared. Default: `REDIS_URL`. */
  REDIS_BREAKER_URL: env.redisUrl().optional(),
});

/** For a stop, where no other time is set. The last snapshot of a full index takes seconds. */
const STOP_MS = 4000;
const STOP_WITH_SNAPSHOT_MS = 12_000;

export type RagConfig = ReturnType<typeof loadConfig>;

/**
 * Reads the environment of rag and checks all of it at once.
 *
 * @throws {ConfigError} with every problem, unknown `RAG_*` variables among them
 */
export function loadConfig(from?: Env) {
  const vars = readConfig(Variables, { prefixes: ['RAG_'], ...(from === undefined ? {} : { env: from }) });
  const indexDir = vars.RAG_INDEX_DIR ?? join(vars.XNAI_DATA_DIR, 'index');
  const hasDatabase = !isFile(vars.RAG_STORE);
  // A database is backed up by its own tools.
  const snapshots =
    hasDatabase || vars.RAG_SNAPSHOT_DIR === undefined
      ? undefined
      : { folder: vars.RAG_SNAPSHOT_DIR, everyMs: vars.RAG_SNAPSHOT_INTERVAL };
  return {
    /** Undefined: this process is the only one of rag. */
    replica: vars.XNAI_REPLICA,
    logLevel: vars.XNAI_LOG_LEVEL,
    logDir: vars.LOG_DIR,
    audit: auditPlaces(vars),
    tracesEndpoint: vars.OTEL_EXPORTER_OTLP_ENDPOINT,
    /** As they were set, without secrets. */
    settings: settingsOf(Variables, from),
    keyFile: vars.XNAI_API_KEYS_FILE ?? join(vars.XNAI_DATA_DIR, 'keys.json'),
    apiKey: vars.XNAI_API_KEY,
    trustedProxies: vars.XNAI_TRUSTED_PROXIES,
    stop: stopTimesOf(vars, snapshots === undefined ? STOP_MS : STOP_WITH_SNAPSHOT_MS),
    corsOrigins: vars.XNAI_CORS_ORIGINS,
    rateLimits: rateLimitsOf(vars),
    listen: { host: vars.RAG_HOST, port: vars.RAG_PORT },
    redis: { url: vars.REDIS_URL, breakerUrl: vars.REDIS_BREAKER_URL ?? vars.REDIS_URL },
    answerCache: {
      url: vars.REDIS_URL,
      maxBytes: vars.RAG_ANSWER_CACHE_BYTES,
      ttlMs: vars.RAG_ANSWER_CACHE_TTL,
    },
    /** Where this service writes. */
    folders: [indexDir, vars.LOG_DIR],
    index: {
      path: join(indexDir, 'rag.sqlite'),
      maxBytes: vars.RAG_INDEX_MAX_BYTES,
      readers: vars.RAG_INDEX_READERS,
    },
    /** Undefined: the index is a file. */
    database: hasDatabase
      ? {
          url: vars.RAG_STORE,
          passwordFile: vars.RAG_STORE_PASSWORD_FILE,
          connections: vars.RAG_STORE_CONNECTIONS,
        }
      : undefined,
    snapshots,
    models: modelsConfig(vars),
    crawlerUrl: vars.RAG_CRAWLER_URL,
    consoleFolder: resolve(vars.RAG_CONSOLE_DIR),
    publicUrl: vars.RAG_PUBLIC_URL?.replace(/\/+$/, ''),
    mayJudge: vars.RAG_JUDGE === 'auto',
    files: { maxMemoryBytes: vars.RAG_FILE_MEMORY },
    parser: { threads: vars.RAG_PARSE_THREADS, timeoutMs: vars.RAG_PARSE_TIMEOUT },
  } as const;
}

function isFile(store: string): boolean {
  return store === 'sqlite:';
}

function isStore(store: string): boolean {
  return isFile(store) || /^postgres(ql)?:$/.test(URL.parse(store)?.protocol ?? '');
}
