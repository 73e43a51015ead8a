import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '@xnai/ops';
import { ConfigError, type Env } from '@xnai/service';
import { withoutWithheld } from './service-process.ts';

/** Where each service reads its variables: it stops at its own problems, and names no others. */
const READERS = { rag: 'loadConfig', crawler: 'readCrawlerConfig' };

/**
 * Reads the environment as the starter and all services will.
 *
 * @throws {ConfigError} with the problems of all of them at once
 */
export async function readEnvironment<Config>(
  readOwn: () => Config,
  env: Env = process.env,
): Promise<Config> {
  const problems = new Set<string>();
  const attempt = async <Result>(read: () => Result): Promise<Result | undefined> => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem);
      return undefined;
    }
  };
  const config = await attempt(readOwn);
  for (const [name, reader] of Object.entries(READERS)) {
    const service = await import(pathToFileURL(join(root, 'apps', name, 'src/config.ts')).href);
    await attempt(() => service[reader](environmentOf(env)));
  }
  if (config === undefined || problems.size > 0) throw new ConfigError([...problems]);
  return config;
}

/** The starter gives the crawler a folder in memory, where none is set. */
function environmentOf(env: Env): Env {
  const given = withoutWithheld(env);
  return given['CRAWL_WORK_DIR']
    ? given
    : { ...given, CRAWL_WORK_DIR: tmpdir(), CRAWL_WORK_DIR_ANYWHERE: 'true' };
}
