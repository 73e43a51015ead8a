/** Put a document, find it, ask for it and crawl, by clients that are generated from the OpenAPI documents. */
import createClient from 'openapi-fetch';
import type { paths as CrawlerPaths } from './generated/crawler.ts';
import type { paths as RagPaths } from './generated/rag.ts';

const [ragUrl = '', crawlerUrl = '', key = ''] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const rag = createClient<RagPaths>({ baseUrl: ragUrl, headers });
const crawler = createClient<CrawlerPaths>({ baseUrl: crawlerUrl, headers });

const collection = 'generated';
const put = await rag.PUT('/v1/collections/{collection}/documents/{id}', {
  params: { path: { collection, id: 'tides' } },
  body: { content: '# Tides\n\nHigh tide is at six in the evening.', content_type: 'text/markdown' },
});
const upload = await rag.POST('/v1/collections/{collection}/documents', {
  params: { path: { collection } },
  body: { file: ['# Quay\n\nThe quay is closed in winter.'] },
  bodySerializer: ({ file }) => {
    const form = new FormData();
    for (const text of file) form.append('file', new Blob([text]), 'quay.md');
    return form;
  },
});
const answer = await rag.POST('/v1/query', { body: { query: 'When is high tide?', collection } });
const chat = await rag.POST('/v1/chat/completions', {
  body: { model: `rag:${collection}`, messages: [{ role: 'user', content: 'When is the quay closed?' }] },
});
const models = await rag.GET('/v1/models');
const missing = await rag.GET('/v1/collections/{collection}', { params: { path: { collection: 'none' } } });
const plan = await crawler.POST('/v1/scrape', { body: { url: 'http://127.0.0.1:1/' } });

/** Without `stream`, which these requests do not ask for, no answer is a text of events. */
function whole<Answer>(answer: Answer): Exclude<Answer, string> | undefined {
  return typeof answer === 'string' ? undefined : (answer as Exclude<Answer, string>);
}

// Each is read by its type: what is not in the document does not compile.
console.log(
  JSON.stringify({
    put: put.data?.status,
    upload: upload.data && 'status' in upload.data ? upload.data.status : undefined,
    answer: whole(answer.data)?.answer,
    quote: whole(answer.data)?.citations[0]?.quote,
    chat: whole(chat.data)?.choices[0]?.message.content,
    models: models.data?.data.map(({ id }) => id),
    missing: missing.error?.code,
    refused: plan.error?.code,
  }),
);
