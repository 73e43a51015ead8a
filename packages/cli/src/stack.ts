import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CrawlClient, createCrawlClient, createRagClient, type RagClient } from '@xnai/contracts/client';
import { CLI_KEY_FILE, keysFileEnv, keysFileOf, listRuns, openHost, root, runBases } from '@xnai/ops';
import { env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { CommandError } from './command.ts';

const Variables = z.object({
  ...keysFileEnv,
  XNAI_API_KEY: env.secret().optional(),
  /** Where the services are, if not on this machine. */
  XNAI_RAG_URL: env.url().optional(),
  XNAI_CRAWLER_URL: env.url().optional(),
  RAG_PORT: env.port().default(8080),
  CRAWL_PORT: env.port().default(8081),
});

/** The services of a stack, as their user. */
export interface Stack {
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly key: string;
  readonly rag: RagClient;
  readonly crawler: CrawlClient;
}

/**
 * Finds a stack and a key for it: the one that was given, else that of the containers or of the stack that runs on the
 * data folder.
 *
 * @throws {ConfigError} with all problems of the environment at once
 * @throws {CommandError} when there is no key
 */
export async function openStack(): Promise<Stack> {
  const vars = readConfig(Variables);
  const ragUrl = vars.XNAI_RAG_URL ?? `http://127.0.0.1:${vars.RAG_PORT}`;
  const crawlerUrl = vars.XNAI_CRAWLER_URL ?? `http://127.0.0.1:${vars.CRAWL_PORT}`;
  const key = (vars.XNAI_API_KEY ?? (await findKey(vars)))?.trim();
  if (key === undefined) {
    throw new CommandError(
      `No API key: no stack of yours runs on ${resolve(root, vars.XNAI_DATA_DIR)}. Start one with npm start, or set XNAI_API_KEY.`,
    );
  }
  const [rag, crawler] = [
    createRagClient({ baseUrl: ragUrl, key }),
    createCrawlClient({ baseUrl: crawlerUrl, key }),
  ];
  return { ragUrl, crawlerUrl, key, rag, crawler };
}

/** In the containers, the first key lies beside the hashes. Elsewhere a running stack keeps a key for commands. */
async function findKey(vars: z.infer<typeof Variables>): Promise<string | undefined> {
  const dataDir = resolve(root, vars.XNAI_DATA_DIR);
  const runs = await listRuns(runBases(openHost().env));
  const folders = runs.filter((run) => run.isAlive && run.dataDir === dataDir).map(({ path }) => path);
  const files = [
    join(dirname(keysFileOf(vars)), 'first-key'),
    ...folders.map((path) => join(path, CLI_KEY_FILE)),
  ];
  for (const file of files) {
    const key = await readFile(file, 'utf8').catch(() => undefined);
    if (key !== undefined) return key;
  }
  return undefined;
}
