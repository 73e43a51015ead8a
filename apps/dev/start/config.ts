import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, type Env, env, readConfig } from '@xnai/service';
import { z } from 'zod';

const keysFileEnv = {
  XNAI_DATA_DIR: env.text().default('./data'),
  XNAI_API_KEYS_FILE: env.text().optional(),
};

/** The variables that `npm start` itself reads; all others go to the services as they are. */
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

export interface StartConfig {
  readonly dataDir: string;
  readonly keysFile: string;
  readonly givenKey: string | undefined;
  readonly rag: Address;
  readonly crawler: Address;
  /** The operator's own; without it a private Redis is started. */
  readonly hasRedisUrl: boolean;
  readonly redisPassword: string | undefined;
  readonly hasCrawlerKey: boolean;
  readonly ragUrl: string;
}

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @throws ConfigError */
export function readStartConfig(source?: Env): StartConfig {
  const values = readConfig(StartEnv, source === undefined ? {} : { env: source });
  const rag = { host: values.RAG_HOST, port: values.RAG_PORT };
  const crawler = { host: values.CRAWL_HOST, port: values.CRAWL_PORT };
  requireFixedPorts({ RAG_PORT: rag.port, CRAWL_PORT: crawler.port });
  const dataDir = resolve(root, values.XNAI_DATA_DIR);
  return {
    dataDir,
    keysFile: keysFileOf(values),
    givenKey: values.XNAI_API_KEY,
    rag,
    crawler,
    hasRedisUrl: values.REDIS_URL !== undefined,
    redisPassword: values.REDIS_PASSWORD,
    hasCrawlerKey: values.CRAWL_RAG_KEY !== undefined,
    ragUrl: values.CRAWL_RAG_URL ?? urlOf(rag),
  };
}

/** @throws ConfigError */
export function readKeysFile(): string {
  return keysFileOf(readConfig(z.object(keysFileEnv)));
}

function keysFileOf({ XNAI_DATA_DIR, XNAI_API_KEYS_FILE }: KeysFileValues): string {
  return resolve(root, XNAI_API_KEYS_FILE ?? join(XNAI_DATA_DIR, 'keys.json'));
}

interface KeysFileValues {
  readonly XNAI_DATA_DIR: string;
  readonly XNAI_API_KEYS_FILE?: string | undefined;
}

// The services must find each other, and people the services.
function requireFixedPorts(ports: Readonly<Record<string, number>>): void {
  const problems = Object.entries(ports)
    .filter(([, port]) => port === 0)
    .map(([name]) => `${name}=0: expected a port from 1 to 65535`);
  if (ports['RAG_PORT'] === ports['CRAWL_PORT']) {
    problems.push(`RAG_PORT and CRAWL_PORT are both ${ports['RAG_PORT']}: change one`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Where this machine reaches a service that listens at `address`. */
export function urlOf({ host, port }: Address): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
