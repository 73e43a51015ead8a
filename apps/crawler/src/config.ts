import { accessSync, constants, statfsSync } from 'node:fs';
import { availableParallelism, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ConfigError, commonEnv, type Env, env, readConfig, settingsOf, stopTimesOf } from '@xnai/service';
import { makeFolderSync } from '@xnai/service/make-folder';
import { z } from 'zod';
import { openSecrets } from './webhooks/secrets.ts';

const Config = z.object({
  ...commonEnv,
  CRAWL_HOST: env.text().default('127.0.0.1'),
  CRAWL_PORT: env.port().default(8081),
  CRAWL_RAG_URL: env.url().default('http://127.0.0.1:8080'),
  /** An API key of rag with the scope `web`. */
  CRAWL_RAG_KEY: env.secret().optional(),
  /** The only folder that the crawler writes to. */
  CRAWL_WORK_DIR: env.text().optional(),
  /** Allows that folder to be on a disk, to which crawled pages and browser profiles are then written. */
  CRAWL_WORK_DIR_ANYWHERE: env.flag().default(false),
  /** The browser for pages that are empty without their scripts. Default: the one of the system. */
  CRAWL_CHROMIUM: env.text().optional(),
  /** Refuses to start where Chromium cannot have its own sandbox. */
  CRAWL_REQUIRE_SANDBOX: env.flag().default(false),
  /** Maximum number of pages of a crawl in the browser at a time. */
  CRAWL_BROWSER_PAGES: env.int(1, 16).default(3),
  CRAWL_ALLOWED_ORIGINS: env
    .list()
    .refine((origins) => origins.every(isOrigin), 'expected origins such as http://10.0.0.5:8000')
    .default([]),
  /** Private origins that webhooks may be sent to. */
  CRAWL_WEBHOOK_ORIGINS: env
    .list()
    .refine((origins) => origins.every(isOrigin), 'expected origins such as http://10.0.0.5:5678')
    .default([]),
  /** JSON: by name, one secret or two that webhooks are signed with. */
  CRAWL_WEBHOOK_SECRETS_FILE: env.text().optional(),
  /** Told to sites in the user agent. */
  CRAWL_CONTACT: env
    .text()
    .regex(
      /^(https?:\/\/|mailto:)[\x21-\x7e]{1,200}$/,
      'expected a URL or mailto:, in visible ASCII characters',
    )
    .optional(),
  /** Default: the name of this crawler, with the contact. */
  CRAWL_USER_AGENT: env.text().optional(),
  /** Maximum number of crawls at a time; other crawls wait. */
  CRAWL_CONCURRENCY: env.int(1, 32).default(2),
  /** Whether a process waits for the next crawl; it takes some 110 MiB, and a second off the wait for the first page. */
  CRAWL_KEEP_READY: env.flag().default(true),
  /** Memory limit of each crawl's process. */
  CRAWL_MEMORY: env.bytes().default(1024 ** 3),
  /** On two cores a second thread costs its start and takes its time from the rest of the path. */
  CRAWL_EXTRACT_THREADS: env.int(1, 32).default(availableParallelism() > 2 ? 2 : 1),
  CRAWL_OUTBOX_ENTRIES: env.int(1, 100_000).default(500),
  CRAWL_OUTBOX_BYTES: env.bytes().default(32 * 1024 ** 2),
  /** A replica that has not renewed its locks for this long loses its crawls to other replicas. */
  CRAWL_LOCK: env.durationMs().default(10_000),
  /** Measured from the submission of a crawl, which then ends with the pages that it has. */
  CRAWL_MAX_TIME: env.durationMs().default(24 * 3_600_000),
  /** Time for which the record of a crawl is kept after its end. */
  CRAWL_KEEP: env.durationMs().default(24 * 3_600_000),
  /** Kept however Redis is. Default: `schedules.json` in `XNAI_DATA_DIR`. Replicas share it. */
  CRAWL_SCHEDULES_FILE: env.text().optional(),
  REDIS_URL: env.redisUrl().default('redis://127.0.0.1:6379'),
  /** The Redis in which replicas share their breakers. Default: `REDIS_URL`. */
  REDIS_BREAKER_URL: env.redisUrl().optional(),
});

export type CrawlerConfig = z.output<typeof Config> & {
  readonly CRAWL_WORK_DIR: string;
  readonly CRAWL_USER_AGENT: string;
  readonly stop: ReturnType<typeof stopTimesOf>;
};

/** For a stop, where no other time is set. */
const STOP_MS = 4000;

/** @throws {ConfigError} with every problem */
export function readCrawlerConfig(variables?: Env): CrawlerConfig {
  const config = readConfig(Config, {
    prefixes: ['CRAWL_'],
    ...(variables === undefined ? {} : { env: variables }),
  });
  const stop = stopTimesOf(config, STOP_MS);
  const workDir = config.CRAWL_WORK_DIR ?? join(memoryFolder(), `xnai-crawl-${userInfo().uid}`);
  try {
    makeFolderSync(workDir);
    accessSync(workDir, constants.W_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigError([`CRAWL_WORK_DIR=${JSON.stringify(workDir)}: cannot be written to: ${message}`]);
  }
  if (!config.CRAWL_WORK_DIR_ANYWHERE && !isInMemory(workDir)) {
    const advice = 'not in memory (tmpfs); CRAWL_WORK_DIR_ANYWHERE=true lets it be on a disk';
    throw new ConfigError([`CRAWL_WORK_DIR=${JSON.stringify(workDir)}: ${advice}`]);
  }
  checkSecrets(config.CRAWL_WEBHOOK_SECRETS_FILE);
  const { CRAWL_CONTACT: contact = '' } = config;
  const about = contact === '' ? 'self-hosted crawler' : `+${contact}`;
  const userAgent = config.CRAWL_USER_AGENT ?? `XoeNovAI/0.2 (${about})`;
  return { ...config, CRAWL_WORK_DIR: workDir, CRAWL_USER_AGENT: userAgent, stop };
}

/** The variables that are set, without secrets. */
export function crawlerSettings(): Readonly<Record<string, string>> {
  return settingsOf(Config);
}

/** @throws {ConfigError} when the secrets of webhooks cannot be read */
function checkSecrets(file: string | undefined): void {
  try {
    openSecrets(file);
  } catch (error) {
    throw new ConfigError([`CRAWL_WEBHOOK_SECRETS_FILE: ${(error as Error).message}`]);
  }
}

/** TMPFS_MAGIC and RAMFS_MAGIC of statfs(2), which only Linux has. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

function isInMemory(folder: string): boolean {
  return process.platform !== 'linux' || IN_MEMORY.has(statfsSync(folder).type);
}

/** A folder in memory, because crawled pages shall not be written to a disk. */
function memoryFolder(): string {
  // biome-ignore lint/style/noProcessEnv: a system variable, not one of this service's.
  const candidates = [process.env['XDG_RUNTIME_DIR'], '/dev/shm'];
  return candidates.find((folder) => folder !== undefined && isWritable(folder)) ?? tmpdir();
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.pathname === '/';
}
