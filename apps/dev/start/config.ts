import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, env, readConfig } from '@xnai/service';
import { z } from 'zod';

const keysFileEnv = {
  XNAI_DATA_DIR: env.text().default('./data'),
  XNAI_API_KEYS_FILE: env.text().optional(),
};

/** The variables that the starter itself reads. The services read all others from the same environment. */
const StartEnv = z.object({
  ...keysFileEnv,
  XNAI_API_KEY: env.secret().optional(),
  RAG_HOST: env.text().default('127.0.0.1'),
  RAG_PORT: env.port().default(8080),
  CRAWL_HOST: env.text().default('127.0.0.1'),
  CRAWL_PORT: env.port().default(8081),
  CRAWL_RAG_URL: env.url().optional(),
  CRAWL_RAG_KEY: env.secret().optional(),
  REDIS_URL: env.redisUrl().optional(),
  REDIS_PASSWORD: env.secret().optional(),
});

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type StartConfig = ReturnType<typeof readStartConfig>;

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @throws {ConfigError} with all problems of the environment at once */
export function readStartConfig() {
  const values = readConfig(StartEnv);
  requireFixedPorts(values);
  const rag: Address = { host: values.RAG_HOST, port: values.RAG_PORT };
  return {
    dataDir: resolve(root, values.XNAI_DATA_DIR),
    keysFile: keysFileOf(values),
    givenKey: values.XNAI_API_KEY,
    rag,
    crawler: { host: values.CRAWL_HOST, port: values.CRAWL_PORT },
    /** Without it a private Redis is started. */
    hasRedisUrl: values.REDIS_URL !== undefined,
    redisPassword: values.REDIS_PASSWORD,
    hasCrawlerKey: values.CRAWL_RAG_KEY !== undefined,
    /** The crawler delivers documents to this rag. */
    ragUrl: values.CRAWL_RAG_URL ?? urlOf(rag),
  };
}

/** @throws {ConfigError} with all problems of the environment at once */
export function readKeysFile(): string {
  return keysFileOf(readConfig(z.object(keysFileEnv)));
}

function keysFileOf(values: Pick<z.infer<typeof StartEnv>, keyof typeof keysFileEnv>): string {
  return resolve(root, values.XNAI_API_KEYS_FILE ?? join(values.XNAI_DATA_DIR, 'keys.json'));
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
