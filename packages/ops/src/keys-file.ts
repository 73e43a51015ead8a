import { join, resolve } from 'node:path';
import { env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { root } from './root.ts';

/** The variables that say where the hashes of the API keys are. */
export const keysFileEnv = {
  XNAI_DATA_DIR: env.text().default('./data'),
  XNAI_API_KEYS_FILE: env.text().optional(),
};

/** @throws {ConfigError} with all problems of the environment at once */
export function readKeysFile(): string {
  return keysFileOf(readConfig(z.object(keysFileEnv)));
}

export function keysFileOf(values: z.infer<z.ZodObject<typeof keysFileEnv>>): string {
  return resolve(root, values.XNAI_API_KEYS_FILE ?? join(values.XNAI_DATA_DIR, 'keys.json'));
}
