import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAudit } from '@xnai/ops/audit';
import {
  type App,
  type CreateLoggerOptions,
  createLogger,
  type KeyInfo,
  rateLimitsOf,
  writerOf,
} from '@xnai/service';
import { loadConfig, type RagConfig } from '../config.ts';
import { openRag, type Rag, type RagParts } from '../open.ts';
import { openPostgresStore } from '../store/postgres-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';

/** For tests: the service as `main.ts` opens it, in a folder of its own, without models unless a test brings some. */
export interface TestRag extends AsyncDisposable {
  readonly app: App;
  readonly registry: Rag['registry'];
  /** Sends JSON with a key that may do everything. */
  call(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
  put(id: string, content: string, more?: object): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back.
  readonly body: any;
}

export interface TestRagOptions extends Partial<Omit<RagParts, 'openStore'>> {
  readonly maxBytes?: number;
  /** Default: none. */
  readonly crawlerUrl?: string;
  /** Default: where the build is, if there is one. */
  readonly consoleFolder?: string;
  readonly publicUrl?: string;
  /** Its name among several. Default: it is the only one. */
  readonly replica?: string;
  /** Default: there are none. */
  readonly rateLimits?: RagConfig['rateLimits'];
  readonly redis?: RagConfig['redis'];
  /** In place of what the configuration says of the answers that are kept in Redis. */
  readonly answerCache?: Partial<RagConfig['answerCache']>;
  /** Default: in the folder of the service. */
  readonly audit?: RagConfig['audit'];
  /** Where warnings and errors of the log go. Default: nowhere. */
  readonly out?: CreateLoggerOptions['out'];
  /** Stands between the service and its index. */
  readonly between?: (index: Store) => Store;
  /** A database in place of the file: `postgres://…`. */
  readonly database?: string;
}

export async function openTestRag({
  maxBytes,
  redis = { url: undefined, breakerUrl: undefined },
  answerCache,
  between = (index) => index,
  audit: places,
  consoleFolder,
  crawlerUrl,
  publicUrl,
  replica,
  rateLimits = rateLimitsOf({ XNAI_RATE_LIMIT: 0 }),
  out,
  database,
  ...parts
}: TestRagOptions = {}): Promise<TestRag> {
  const dir = await mkdtemp(join(tmpdir(), 'rag-test-'));
  const config = loadConfig({ ...NO_MODELS, XNAI_DATA_DIR: dir });
  const log = createLogger(
    out === undefined ? { name: 'rag', level: 'silent' } : { name: 'rag', level: 'warn', out },
  );
  const audit = await startAudit(places ?? config.audit, {
    writer: writerOf('rag', replica),
    log,
    settings: {},
  });
  const rag = await openRag(
    {
      ...config,
      audit: places ?? config.audit,
      redis,
      answerCache: { ...config.answerCache, url: redis.url, ...answerCache },
      crawlerUrl,
      publicUrl,
      consoleFolder: consoleFolder ?? config.consoleFolder,
      replica,
      rateLimits,
      index: { ...config.index, readers: 1, maxBytes },
    },
    {
      log,
      keys: { verify },
      audit,
      memorySources: () => [],
      ...parts,
      openStore: async (options) =>
        between(
          await (database === undefined
            ? openSqliteStore(options)
            : openPostgresStore({ url: database, connections: 1 })),
        ),
    },
  );
  const { app, registry, closeables } = rag;
  const call = caller(app);
  return {
    app,
    registry,
    call,
    put: (id, content, more) =>
      call('PUT', `/v1/collections/default/documents/${id}`, {
        content,
        content_type: 'text/markdown',
        ...more,
      }),
    async [Symbol.asyncDispose]() {
      await app.close();
      for (const { close } of closeables.toReversed()) await close();
      await audit.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** One server for everything that this service keeps in Redis. */
export function redisAt(url: string): RagConfig['redis'] {
  return { url, breakerUrl: url };
}

const NO_MODELS = { RAG_GENERATE_MODEL: 'none', RAG_EMBED_MODEL: 'none', RAG_RERANK_MODEL: 'none' };
export const TEST_KEY = `xnai_${'t'.repeat(43)}`;
const OWNER = {
  id: 'test',
  name: 'test',
  scopes: ['query', 'ingest', 'admin', 'metrics'],
  exempt: false,
  created: '',
} as const;
/** Of another service of the stack, such as the crawler. */
const SERVICE_KEY = `xnai_${'s'.repeat(43)}`;
export const SERVICE_AUTH = { authorization: `Bearer ${SERVICE_KEY}` };
export const AUTH = { authorization: `Bearer ${TEST_KEY}` };
const CRAWLER_KEY = `xnai_${'c'.repeat(43)}`;
/** Of a crawler: it may change pages of the web alone. */
export const CRAWLER_AUTH = { authorization: `Bearer ${CRAWLER_KEY}` };

const READER_KEY = `xnai_${'r'.repeat(43)}`;
/** Of someone who may search and ask alone. */
export const READER_AUTH = { authorization: `Bearer ${READER_KEY}` };

/** Two keys may do everything; only the service's is exempt from limits. */
function verify(key: string): KeyInfo | undefined {
  if (key === CRAWLER_KEY) return { ...OWNER, scopes: ['web'] };
  if (key === READER_KEY) return { ...OWNER, scopes: ['query'] };
  if (key !== TEST_KEY && key !== SERVICE_KEY) return undefined;
  return { ...OWNER, scopes: [...OWNER.scopes], exempt: key === SERVICE_KEY };
}

function caller(app: App): TestRag['call'] {
  return async (method, url, body, headers = {}) => {
    const json =
      body === undefined
        ? {}
        : { payload: JSON.stringify(body), headers: { ...AUTH, ...JSON_TYPE, ...headers } };
    const response = await app.inject({ method, url, headers: { ...AUTH, ...headers }, ...json });
    const parsed = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, headers: response.headers, body: parsed };
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
