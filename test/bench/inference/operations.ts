import { complete } from './complete.ts';
import { createTexts } from './measure.ts';
import type { Target } from './targets.ts';

export interface Operation {
  readonly name: string;
  readonly p95Ms: number;
}

const DOCUMENTS = 200;
const CALLS = 40;

/** The 95th percentile of what a person waits for, on this machine. */
export async function measureOperations(target: Target): Promise<readonly Operation[]> {
  await fill(target);
  const ask = (n: number) => ({ query: `What is the limit of part ${n % DOCUMENTS}?` });
  const text = await createTexts(target);
  const system = text(300);
  await complete(target, system, 1);
  return [
    await timed('search', (n) => post(target, '/v1/search', ask(n)).then(drain)),
    await timed('first event of an answer (its sources)', (n) => firstEvent(target, ask(n))),
    await timed('extractive answer, whole', (n) =>
      post(target, '/v1/query', { ...ask(n), mode: 'extractive' }).then(drain),
    ),
    await timed('first token, 100 new tokens after 300 kept ones', async () => {
      await complete(target, system + text(100), 1);
    }),
    await timed('first token, 512 new tokens', async () => {
      await complete(target, text(512), 1);
    }),
  ];
}

async function timed(name: string, work: (n: number) => Promise<void>): Promise<Operation> {
  const times: number[] = [];
  const calls = name.startsWith('first token') ? CALLS / 4 : CALLS;
  for (let n = 0; n < calls; n++) {
    const startedAt = performance.now();
    await work(n);
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { name, p95Ms: times[Math.min(times.length - 1, Math.floor(times.length * 0.95))] ?? Number.NaN };
}

async function fill(target: Target): Promise<void> {
  for (let n = 0; n < DOCUMENTS; n++) {
    const content = `# Part ${n}\n\nThe limit of part ${n} is ${n * 3} units. ${'It is set by the operator. '.repeat(20)}`;
    const body = JSON.stringify({ content, content_type: 'text/markdown' });
    const headers = { ...target.headers, 'content-type': 'application/json' };
    const url = `${target.url}/v1/collections/default/documents/part-${n}`;
    await drain(await fetch(url, { method: 'PUT', headers, body }));
  }
}

async function post(target: Target, path: string, body: object): Promise<Response> {
  const headers = { ...target.headers, 'content-type': 'application/json' };
  return fetch(`${target.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function firstEvent(target: Target, body: object): Promise<void> {
  const response = await post(target, '/v1/query', { ...body, stream: true, max_tokens: 1 });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
}

async function drain(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
