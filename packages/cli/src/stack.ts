import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CrawlClient, createCrawlClient, createRagClient, type RagClient } from '@xnai/contracts/client';
import {
  type Addresses,
  CLI_KEY_FILE,
  findContainerStack,
  findRun,
  isForeign,
  keysFileEnv,
  keysFileOf,
  openHost,
  root,
  runBases,
} from '@xnai/ops';
import { env, readConfig } from '@xnai/service';
import { z } from 'zod';
import { CommandError } from './command.ts';

const Variables = z.object({
  ...keysFileEnv,
  XNAI_API_KEY: env.secret().optional(),
  /** Where the services are, if not on this machine. */
  XNAI_RAG_URL: env.url().optional(),
  XNAI_CRAWLER_URL: env.url().optional(),
  RAG_PORT: env.port().optional(),
  CRAWL_PORT: env.port().optional(),
});
type Variables = z.infer<typeof Variables>;

/** The services of a stack, as their user. */
export interface Stack {
  readonly ragUrl: string;
  readonly crawlerUrl: string;
  readonly key: string;
  readonly rag: RagClient;
  readonly crawler: CrawlClient;
}

/**
 * Finds a stack and a key for it: the one that was given, else that of the stack that runs on the data folder, else that of
 * the containers. Such a stack says where it listens, and its key is sent nowhere else.
 *
 * @throws {ConfigError} with all problems of the environment at once
 * @throws {CommandError} when there is no key, or when it would reach another program
 */
export async function openStack(): Promise<Stack> {
  const vars = readConfig(Variables);
  const given = vars.XNAI_API_KEY ?? (await keyInside(vars));
  const said = await findStack(vars, given === undefined);
  const addresses = addressesOf(vars, said?.addresses);
  if (given !== undefined) return connect(addresses, given.trim());
  if (said?.key === undefined) {
    throw new CommandError(
      `No API key: no stack of yours runs on ${resolve(root, vars.XNAI_DATA_DIR)} or in containers. Start one with npm start or podman compose up, or set XNAI_API_KEY.`,
    );
  }
  requireSameStack(addresses, said.addresses);
  return connect(addresses, said.key.trim());
}

/** What a stack says of itself to its user. */
interface Said {
  /** Undefined while it starts. */
  readonly addresses: Addresses | undefined;
  /** For the commands of its user. */
  readonly key: string | undefined;
}

/** Containers are asked only for their key: that takes a while. */
async function findStack(vars: Variables, needsKey: boolean): Promise<Said | undefined> {
  const host = openHost();
  const run = await findRun(runBases(host.env), resolve(root, vars.XNAI_DATA_DIR));
  if (run !== undefined)
    return { addresses: run.addresses, key: await readKey(join(run.path, CLI_KEY_FILE)) };
  return needsKey ? findContainerStack(host) : undefined;
}

function connect({ rag: ragUrl, crawler: crawlerUrl }: Addresses, key: string): Stack {
  const [rag, crawler] = [
    createRagClient({ baseUrl: ragUrl, key }),
    createCrawlClient({ baseUrl: crawlerUrl, key }),
  ];
  return { ragUrl, crawlerUrl, key, rag, crawler };
}

/** Where the user says, else where the stack says. */
function addressesOf(vars: Variables, said: Addresses | undefined): Addresses {
  return {
    rag: vars.XNAI_RAG_URL ?? localUrl(vars.RAG_PORT, said?.rag, 8080),
    crawler: vars.XNAI_CRAWLER_URL ?? localUrl(vars.CRAWL_PORT, said?.crawler, 8081),
  };
}

/** What the stack says holds its host too, which a port alone does not name. */
function localUrl(port: number | undefined, said: string | undefined, usual: number): string {
  const isSaid = said !== undefined && (port === undefined || Number(new URL(said).port) === port);
  return isSaid ? said : `http://127.0.0.1:${port ?? usual}`;
}

/** In the containers, the first key lies beside the hashes. */
function keyInside(vars: Variables): Promise<string | undefined> {
  return readKey(join(dirname(keysFileOf(vars)), 'first-key'));
}

/** @throws {CommandError} when an address is not of the stack, or another user listens there */
function requireSameStack(addresses: Addresses, said: Addresses | undefined): void {
  for (const name of ['rag', 'crawler'] as const) {
    const url = addresses[name];
    const own = said?.[name];
    if (own === undefined || new URL(url).host !== new URL(own).host)
      throw new CommandError(
        `${name} of your stack listens at ${own ?? 'no address yet'}, not at ${url}, so its key is not sent there. Set XNAI_API_KEY for another stack.`,
      );
    if (isOfAnother(url))
      throw new CommandError(`A program of another user listens at ${url}, so the key is not sent there.`);
  }
}

function isOfAnother(url: string): boolean {
  try {
    return isForeign(url);
  } catch (error) {
    throw new CommandError(
      `Who listens at ${url} cannot be told (${(error as Error).message}), so the key is not sent there. Set XNAI_API_KEY.`,
    );
  }
}

function readKey(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
