import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeScriptedModel } from '@xnai/inference/testing';
import {
  type CollectedSpan,
  startSite,
  startTraceCollector,
  type TestSite,
  type TraceCollector,
  waitUntil,
} from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { all, type Stack, startStack, TEST_KEY } from './support/stack.ts';

const CRAWLED = '4bf92f3577b34da6a3ce929d0e0e4736';
const ASKED = '0af7651916cd43dd8448eb211c80319c';
const CALLER = '00f067aa0ba902b7';
const PAGE = '/uploads.html';
const SECRET = 'the upload limit of the harbour office is 20 MB';

let folder: string;
let site: TestSite;
let collector: TraceCollector;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-traces-test-'));
  const model = join(folder, 'scripted.gguf');
  writeScriptedModel(model, ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  site = await startSite({ [PAGE]: `<h1>Uploads</h1><p>It is known that ${SECRET}, and no more.</p>` });
  collector = await startTraceCollector();
  stack = await startStack({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      CRAWL_ALLOWED_ORIGINS: site.origin,
      RAG_GENERATE_MODEL: model,
    },
  });
}, 120_000);
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(all(stack), `\n${draw(collector.spans)}`);
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The crawler asks for the addresses that rag has, with and without `www.` and TLS. */
const KNOWN_PAGES = `\
      crawler GET
        rag GET /v1/collections/:collection/addresses
          rag store listAddresses
`.repeat(4);

describe('one request, seen whole by a collector', { timeout: 90_000 }, () => {
  it('is a crawl: from its submission over the queue and its own process to the index of rag', async () => {
    const url = `${site.origin}${PAGE}?session=hush-hush`;
    const { id } = (await post(CRAWLED, `${stack.crawlerUrl}/v1/crawls`, {
      url,
      limit: 1,
      render: 'never',
    })) as {
      id: string;
    };
    expect(await stack.api.endedCrawl(id)).toMatchObject({ counters: { indexed: 1 } });

    const spans = await traced(
      CRAWLED,
      'process crawls',
      'deliver',
      'PUT /v1/collections/:collection/documents/:id',
    );
    expect(draw(spans)).toBe(`\
crawler POST /v1/crawls
  crawler send crawls
    crawler process crawls
${KNOWN_PAGES}      crawler page
        crawler extract
        crawler fetch
        crawler record
          crawler deliver
            crawler PUT
              rag PUT /v1/collections/:collection/documents/:id
                rag check
                rag store getAddress
                rag store getSummary
                rag store upsertDocument
`);
    const of = (name: string) => spans.find((span) => span.name === name)?.attributes;
    expect(of('page')).toEqual({ 'url.full': `${site.origin}${PAGE}?REDACTED` });
    expect(of('fetch')).toMatchObject({ 'http.response.status_code': 200, 'xnai.rendered': false });
    expect(of('process crawls')).toMatchObject({ 'messaging.message.id': id });
    const inOrder = ['fetch', 'extract', 'record'].map((name) => spans.find((span) => span.name === name));
    // A start is rounded down to a millisecond.
    for (const [at, span] of inOrder.entries())
      expect(span?.startMs).toBeGreaterThanOrEqual(Math.floor(inOrder[at - 1]?.endMs ?? 0));
  });

  it('is a question: search, judgement, the wait for the model, its prompt and its words', async () => {
    await waitUntil('the model is ready', async () => {
      const { checks } = await stack.api.rag.readiness();
      return checks['model']?.status === 'ok' && checks['judge']?.detail !== 'off: the model is being probed';
    });
    const answer = await post(ASKED, `${stack.ragUrl}/v1/query`, { query: 'What is the upload limit?' });
    expect(answer).toMatchObject({ mode: 'generative', answer: 'The upload limit is 20 MB [1].' });

    const spans = await traced(ASKED, 'POST /v1/query');
    expect(draw(spans)).toBe(`\
rag POST /v1/query
  rag chat scripted
    rag model prompt
    rag model queue
    rag model write
  rag extract
  rag retrieval default
    rag store search
  rag store getCollection
  rag store getCollection
  rag store listDocuments
  rag store termStatistics
`);
    expect(spans.find(({ name }) => name === 'chat scripted')?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'llama.cpp',
      'gen_ai.request.model': 'scripted',
      'gen_ai.request.max_tokens': expect.any(Number),
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': 8,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
    expect(spans.find(({ name }) => name === 'POST /v1/query')?.parentSpanId).toBe(CALLER);
  });

  it('holds no text of a person or a page, and is named by the log', () => {
    const sent = JSON.stringify(collector.raw);
    for (const text of ['upload limit', 'harbour', 'hush', TEST_KEY]) expect(sent).not.toContain(text);
    const lines = stack.logs().split('\n');
    expect(lines.find((line) => line.includes('/v1/query'))).toContain(`"trace_id":"${ASKED}"`);
    expect(lines.find((line) => line.includes('crawl process started'))).toContain(`"trace_id":"${CRAWLED}"`);
  });
});

async function post(traceId: string, url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TEST_KEY}`,
      'content-type': 'application/json',
      traceparent: `00-${traceId}-${CALLER}-01`,
    },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** The spans of the trace, once those of the names given are there, which end last. */
function traced(id: string, ...last: readonly string[]): Promise<readonly CollectedSpan[]> {
  return waitUntil(
    `the spans ${last.join(', ')}`,
    () => {
      const spans = collector.spans.filter(({ traceId }) => traceId === id);
      return last.every((name) => spans.some((span) => span.name === name)) ? spans : undefined;
    },
    { describe: () => `\n${draw(collector.spans)}` },
  );
}

/** Indented under their parents; the children of one by name. */
function draw(spans: readonly CollectedSpan[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const under = (parent: string | undefined, indent: string): string =>
    spans
      .filter(({ parentSpanId = '' }) => (ids.has(parentSpanId) ? parentSpanId : undefined) === parent)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ service, name, spanId }) => `${indent}${service} ${name}\n${under(spanId, `${indent}  `)}`)
      .join('');
  return under(undefined, '');
}
