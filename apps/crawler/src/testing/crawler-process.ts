import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Crawl } from '@xnai/contracts';

/** The crawler as `npm start` runs it: a process, with its port and its signals. */
export interface CrawlerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly workDir: string;
  /** Ids of the processes of its crawls. */
  children(): number[];
  kill(signal: NodeJS.Signals): Promise<void>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  submit(body: object): Promise<string>;
  until(id: string, isWanted: (crawl: Crawl) => boolean): Promise<Crawl>;
}

export interface CrawlerProcessOptions {
  readonly variables: Record<string, string>;
  /** What runs node: a sandbox and its arguments. */
  readonly wrapper?: readonly string[];
  readonly workDir?: string;
}

const KEY = `xnai_${'k'.repeat(43)}`;
const DEFAULTS = {
  CRAWL_PORT: '0',
  CRAWL_LOCK: '2s',
  CRAWL_EXTRACT_THREADS: '1',
  CRAWL_KEEP_READY: 'false',
  XNAI_API_KEY: KEY,
  XNAI_RATE_LIMIT: '0',
};

export async function startCrawlerProcess(options: CrawlerProcessOptions): Promise<CrawlerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-crawler-process-'));
  const workDir = options.workDir ?? join(folder, 'work');
  const main = new URL('../main.ts', import.meta.url).pathname;
  const [command = process.execPath, ...args] = [...(options.wrapper ?? []), process.execPath, main];
  const child = spawn(command, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...DEFAULTS,
      CRAWL_WORK_DIR: workDir,
      CRAWL_WORK_DIR_ANYWHERE: 'true',
      CRAWL_CHROMIUM: '/nonexistent',
      XNAI_API_KEYS_FILE: join(workDir, 'keys.json'),
      ...options.variables,
    },
  });
  const url = await listeningUrl(child);

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  const request = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    });

  return {
    pid: child.pid ?? 0,
    url,
    workDir,
    children: () => childrenOf(child.pid ?? 0),
    kill,
    fetch: request,
    async submit(body) {
      for (;;) {
        const response = await request('/v1/crawls', { method: 'POST', body: JSON.stringify(body) });
        const answer = (await response.json()) as { id: string };
        if (response.status === 202) return answer.id;
        if (response.status !== 503) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
        await delay(50);
      }
    },
    async until(id, isWanted) {
      for (;;) {
        const response = await request(`/v1/crawls/${id}`);
        const body = await response.json();
        if (response.status === 200 && isWanted(Crawl.parse(body))) return Crawl.parse(body);
        await delay(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout ?? []) {
    output += chunk;
    const url = /"msg":"Server listening at (http:[^"]+)"/.exec(output)?.[1];
    if (url === undefined) continue;
    child.stdout?.resume();
    return url;
  }
  throw new Error(`the crawler did not start: ${output}`);
}

/** Direct children, by /proc. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    // The second field is the command in brackets, and may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
