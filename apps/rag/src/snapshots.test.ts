import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findFreePorts, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';

const KEY = `xnai_${'s'.repeat(43)}`;
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };

let dir: string;
let child: ChildProcess;
let url: string;
let output = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-snapshots-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

const snapshots = async () =>
  (await readdir(join(dir, 'snapshots'))).filter((name) => name.startsWith('index-'));

async function documentsInNewest(): Promise<number> {
  const newest = (await snapshots()).sort().at(-1) ?? '';
  using db = new DatabaseSync(join(dir, 'snapshots', newest), { readOnly: true });
  return Number(db.prepare('SELECT count(*) AS count FROM documents').get()?.['count']);
}

/** The service as a process, whose index is lost with it, as in a tmpfs. */
async function start(interval: string): Promise<void> {
  await rm(join(dir, 'data/index'), { recursive: true, force: true });
  const [port] = await findFreePorts(1);
  url = `http://127.0.0.1:${port}`;
  output = '';
  child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      RAG_PORT: String(port),
      RAG_GENERATE_MODEL: 'none',
      RAG_SNAPSHOT_DIR: join(dir, 'snapshots'),
      RAG_SNAPSHOT_INTERVAL: interval,
      XNAI_DATA_DIR: join(dir, 'data'),
      XNAI_API_KEY: KEY,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
  await waitUntil('rag is up', () => output.includes('Server listening') || child.exitCode !== null);
}

async function end(signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}

async function put(id: string): Promise<void> {
  const body = JSON.stringify({ content: `Document ${id} is here.`, content_type: 'text/plain' });
  const response = await fetch(`${url}/v1/collections/default/documents/${id}`, {
    method: 'PUT',
    headers,
    body,
  });
  expect(response.status).toBe(201);
}

async function ids(): Promise<readonly string[]> {
  const response = await fetch(`${url}/v1/collections/default/documents`, { headers });
  if (response.status === 404) return [];
  const { documents } = (await response.json()) as { documents: { id: string }[] };
  return documents.map(({ id }) => id);
}

it('gets a lost index back: all of it after a stop, what a snapshot held after a kill', async () => {
  await start('1h');
  await put('a');
  await end('SIGTERM');
  expect(await snapshots()).toHaveLength(1);

  await start('200ms');
  expect(await ids()).toEqual(['a']);
  expect(output).toContain('restored from the newest snapshot');
  await put('b');
  await waitUntil('a snapshot holds both', async () => (await documentsInNewest()) === 2);
  await end('SIGKILL');

  await start('1h');
  expect(await ids()).toEqual(['a', 'b']);
  await put('c');
  await end('SIGKILL');

  await start('1h');
  expect(await ids()).toEqual(['a', 'b']);
  const audit = await readFile(join(dir, 'data/audit/rag/000000000001.jsonl'), 'utf8');
  expect(audit.match(/"what":"index.restore"/g)).toHaveLength(3);
});

it('does not start with an empty index while no snapshot can be restored', async () => {
  await start('1h');
  await put('a');
  await end('SIGTERM');
  for (const name of await snapshots()) await writeFile(join(dir, 'snapshots', name), 'torn');
  await start('1h');
  expect(child.exitCode).toBe(1);
  expect(output).toContain('none of the snapshots in');
});
