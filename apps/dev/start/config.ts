import { resolve } from 'node:path';
import { keysFileEnv, keysFileOf, root } from '@xnai/ops';
import { absolutePlaces, auditEnv } from '@xnai/ops/audit';
import { ConfigError, type Env, env, readConfig, settingsOf } from '@xnai/service';
import { z } from 'zod';

/** The variables that the starter itself reads. The services read all others from the same environment. */
const StartEnv = z.object({
  ...keysFileEnv,
  ...auditEnv,
  XNAI_API_KEY: env.secret().optional(),
  RAG_HOST: env.text().default('127.0.0.1'),
  RAG_PORT: env.port().default(8080),
  CRAWL_HOST: env.text().default('127.0.0.1'),
  CRAWL_PORT: env.port().default(8081),
  CRAWL_RAG_URL: env.url().optional(),
  RAG_CRAWLER_URL: env.url().optional(),
  CRAWL_RAG_KEY: env.secret().optional(),
  REDIS_URL: env.redisUrl().optional(),
  REDIS_PASSWORD: env.secret().optional(),
});

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type StartConfig = ReturnType<typeof readStartConfig>;

/** @throws {ConfigError} with all problems of the environment at once */
export function readStartConfig(from?: Env) {
  const values = readConfig(StartEnv, from === undefined ? {} : { env: from });
  requireFixedPorts(values);
  const crawler: Address = { host: values.CRAWL_HOST, port: values.CRAWL_PORT };
  const rag: Address = { host: values.RAG_HOST, port: values.RAG_PORT };
  return {
    /** As they were set: commands that work on this stack need them too. */
    places: settingsOf(z.object({ ...keysFileEnv, ...auditEnv }), from),
    dataDir: resolve(root, values.XNAI_DATA_DIR),
    keysFile: keysFileOf(values),
    audit: absolutePlaces(values),
    givenKey: values.XNAI_API_KEY,
    rag,
    crawler,
    /** Without it a private Redis is started. */
    hasRedisUrl: values.REDIS_URL !== undefined,
    redisPassword: values.REDIS_PASSWORD,
    hasCrawlerKey: values.CRAWL_RAG_KEY !== undefined,
    /** The crawler delivers documents to this rag. */
    ragUrl: values.CRAWL_RAG_URL ?? urlOf(rag),
    /** rag's console works with this crawler. */
    crawlerUrl: values.RAG_CRAWLER_URL ?? urlOf(crawler),
  };
}

/** The starter passes rag's URL to the crawler and prints both, so that port 0 (any free port) is refused. */
function requireFixedPorts({ RAG_PORT, CRAWL_PORT }: z.infer<typeof StartEnv>): void {
  const problems = Object.entries({ RAG_PORT, CRAWL_PORT })
    .filter(([, port]) => port === 0)
    .map(([name]) => `${name}=0: expected a port from 1 to 65535`);
  if (RAG_PORT === CRAWL_PORT) problems.push(`RAG_PORT and CRAWL_PORT are both ${RAG_PORT}: change one`);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** The URL by which this machine reaches a service that listens at an address. */
export function urlOf({ host, port }: Address): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
