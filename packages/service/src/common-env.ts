import { env } from './env.ts';

/** The variables that every service reads; spread into its schema. */
export const commonEnv = {
  LOG_DIR: env.text().optional(),
  XNAI_LOG_LEVEL: env.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  XNAI_DATA_DIR: env.text().default('./data'),
  XNAI_API_KEYS_FILE: env.text().optional(),
  XNAI_API_KEY: env.secret().optional(),
  XNAI_RATE_LIMIT: env.int(0, 1_000_000).default(600),
};
