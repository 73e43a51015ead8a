import { isIP } from 'node:net';
import { ConfigError } from './config.ts';
import { env } from './env.ts';
import type { RateLimits } from './rate-limit.ts';

/** The variables that every service reads; spread into its schema. */
export const commonEnv = {
  LOG_DIR: env.text().optional(),
  XNAI_LOG_LEVEL: env.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  XNAI_DATA_DIR: env.text().default('./data'),
  /** The name of this process among several of its service; its audit chain is named by it. Default: there is one alone. */
  XNAI_REPLICA: env
    .text()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'expected up to 31 small letters, digits and hyphens')
    .optional(),
  XNAI_API_KEYS_FILE: env.text().optional(),
  XNAI_API_KEY: env.secret().optional(),
  /** Default: `audit` in `XNAI_DATA_DIR`. */
  XNAI_AUDIT_DIR: env.text().optional(),
  /** The key that signs the audit chain, outside of its folder. Default: `audit-key` in `XNAI_DATA_DIR`. */
  XNAI_AUDIT_KEY_FILE: env.text().optional(),
  /** Of balancers in front, whose X-Forwarded-For names the client. Default: none. */
  XNAI_TRUSTED_PROXIES: env
    .list()
    .refine(
      (addresses) => addresses.every(isAddresses),
      'expected addresses such as 10.0.0.5 or 10.0.0.0/24, or one of loopback, linklocal, uniquelocal',
    )
    .default([]),
  /** For which a stop waits until balancers have noticed that `/readyz` says 503; requests are served meanwhile. */
  XNAI_STOP_DRAIN: env.durationMs().default(0),
  /** For answers under way, and for the rest of the stop. Default: what the service itself needs. */
  XNAI_STOP_GRACE: env.durationMs().optional(),
  /** After which a stop is cut short from outside. Default: not known. */
  XNAI_STOP_TIMEOUT: env.durationMs().optional(),
  /** Origins whose pages may call the API from a browser. */
  XNAI_CORS_ORIGINS: env
    .list()
    .refine(
      (origins) => origins.every((text) => URL.parse(text)?.origin === text),
      'expected exact origins such as https://chat.example, without a path',
    )
    .default([]),
  /** Where a collector takes traces, as OTLP over HTTP. Default: traces are off. */
  OTEL_EXPORTER_OTLP_ENDPOINT: env.url().optional(),
  XNAI_RATE_LIMIT: limit().default(600),
  XNAI_RATE_LIMIT_ASK: limit().optional(),
  XNAI_RATE_LIMIT_WRITE: limit().optional(),
  XNAI_RATE_LIMIT_CRAWL: limit().optional(),
};

/** The name under which a process of a service records its acts. */
export function writerOf(service: string, replica: string | undefined): string {
  return replica === undefined ? service : `${service}-${replica}`;
}

type StopVariables = {
  readonly [Name in keyof typeof commonEnv & `XNAI_STOP_${string}`]?: number | undefined;
};

/**
 * How long a stop takes, both in milliseconds.
 *
 * @param ownGraceMs what the service needs where no grace is set
 * @throws {ConfigError} when it would be cut short
 */
export function stopTimesOf(vars: StopVariables, ownGraceMs: number) {
  const { XNAI_STOP_DRAIN: drainMs = 0, XNAI_STOP_GRACE, XNAI_STOP_TIMEOUT: timeoutMs } = vars;
  const graceMs = XNAI_STOP_GRACE ?? ownGraceMs;
  const wholeMs = drainMs + graceMs;
  if (timeoutMs !== undefined && wholeMs >= timeoutMs)
    throw new ConfigError([
      `XNAI_STOP_DRAIN (${drainMs / 1000} s) and XNAI_STOP_GRACE (${graceMs / 1000} s) are ${wholeMs / 1000} s together: expected less than XNAI_STOP_TIMEOUT, the ${timeoutMs / 1000} s after which the process is killed`,
    ]);
  return { drainMs, graceMs };
}

/** Documents are many and quick; questions and crawls are few. */
const WRITES_PER_QUESTION = 10;

type RateVariables = {
  readonly [Name in keyof typeof commonEnv & `XNAI_RATE_LIMIT${string}`]?: number | undefined;
};

/** The limits that the variables give; `XNAI_RATE_LIMIT=0` switches all of them off. */
export function rateLimitsOf(vars: RateVariables): RateLimits {
  const { XNAI_RATE_LIMIT: base = 600, XNAI_RATE_LIMIT_WRITE: write = base * WRITES_PER_QUESTION } = vars;
  if (base === 0) return { ask: 0, write: 0, crawl: 0, keyless: 0 };
  const { XNAI_RATE_LIMIT_ASK: ask = base, XNAI_RATE_LIMIT_CRAWL: crawl = base } = vars;
  return { ask, write, crawl, keyless: base };
}

/** In one of the forms that Fastify's `trustProxy` takes. */
function isAddresses(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits = '', ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (!text.includes('/')) return true;
  return /^\d+$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128);
}

function limit() {
  return env.int(0, 1_000_000);
}
