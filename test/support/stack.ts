import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf, descendantsOf, findFreePorts, waitUntil } from '@xnai/testing';
import { type Api, createApi } from './api.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` runs, as a process that a test can look at from outside. */
export interface StackProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  /** What was said on standard output, and logged on standard error, so far. */
  readonly output: () => string;
  readonly logs: () => string;
  /** Resolves with the exit code (undefined when a signal ended it) and how long after the call that was. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | undefined; readonly tookMs: number }>;
  readonly exited: Promise<number | undefined>;
}

export interface Stack extends StackProcess, AsyncDisposable {
  readonly ragUrl: string;
  readonly ragPort: number;
  readonly crawlerUrl: string;
  readonly dataDir: string;
  readonly api: Api;
}

export interface StackOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a folder of its own, removed at the end. */
  readonly dataDir?: string;
}

const UP_MS = 90_000;
/** Known before, so that a stack on an existing data folder can be talked to. Not secret: it opens nothing but this. */
export const TEST_KEY = `xnai_${'t'.repeat(43)}`;

/** A stack on free ports, up and answering. */
export async function startStack({ env = {}, dataDir }: StackOptions = {}): Promise<Stack> {
  const folder = dataDir ?? (await makeDataFolder());
  const [ragPort = 0, crawlerPort = 0] = await findFreePorts(2);
  const started = spawnStack({
    XNAI_DATA_DIR: folder,
    XNAI_API_KEY: TEST_KEY,
    RAG_PORT: String(ragPort),
    CRAWL_PORT: String(crawlerPort),
    ...env,
  });
  const urls = { ragUrl: `http://127.0.0.1:${ragPort}`, crawlerUrl: `http://127.0.0.1:${crawlerPort}` };
  await untilUp(started);
  return {
    ...started,
    ...urls,
    ragPort,
    dataDir: folder,
    api: createApi({ ...urls, key: TEST_KEY }),
    async [Symbol.asyncDispose]() {
      await started.end('SIGTERM');
      if (dataDir === undefined) await rm(folder, { recursive: true });
    },
  };
}

export function makeDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'xnai-stack-'));
}

/** The command behind `npm start`, with no variable of ours but those given; nothing is waited for. */
export function spawnStack(env: Readonly<Record<string, string>>): StackProcess {
  const child = spawn(process.execPath, [join(root, 'apps/dev/start.ts')], {
    cwd: root,
    // Models would be fetched from the network, and the answers would be different.
    env: { ...commandEnv(), RAG_GENERATE_MODEL: 'none', RAG_EMBED_MODEL: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('no process was made');
  const exited = once(child, 'exit').then(([code]) => (code ?? undefined) as number | undefined);
  return {
    process: child,
    pid,
    output: collect(child.stdout),
    logs: collect(child.stderr),
    exited,
    async end(signal) {
      const startMs = performance.now();
      child.kill(signal);
      return { code: await exited, tookMs: performance.now() - startMs };
    },
  };
}

/** Waits for the welcome. */
export async function untilUp(stack: StackProcess): Promise<void> {
  const isUp = () => {
    if (stack.process.exitCode !== null || stack.process.signalCode !== null)
      throw new Error(`the stack ended with ${stack.process.exitCode}\n${all(stack)}`);
    return stack.output().includes('Ctrl-C stops everything');
  };
  await waitUntil('the stack is up', isUp, { timeoutMs: UP_MS, describe: () => `\n${all(stack)}` });
}

/** The process of a running stack whose command line contains a text. */
export function childOf(stack: StackProcess, command: string): number {
  const pid = descendantsOf(stack.pid).find((child) => commandOf(child).includes(command));
  if (pid === undefined) throw new Error(`no child process has the command ${command}`);
  return pid;
}

/** All that a stack said, for a failed test. */
export function all(stack: StackProcess): string {
  return `--- said\n${stack.output()}\n--- logged\n${stack.logs()}`;
}

/** The environment of a test without variables of ours. */
export function commandEnv(): Record<string, string | undefined> {
  const isOurs = (name: string) => /^(XNAI_|RAG_|CRAWL_|REDIS_|LOG_DIR$|NODE_OPTIONS$|VITEST)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return () => text;
}
