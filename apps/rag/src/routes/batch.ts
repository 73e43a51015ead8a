import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { type BatchResult, CollectionName, DocumentId, DocumentInput, MAX_BATCH } from '@xnai/contracts';
import { type App, ServiceError, validateFields } from '@xnai/service';
import { z } from 'zod';
import type { Ingest } from '../ingest/ingest.ts';
import { admitDocuments } from './admit-documents.ts';
import { JSON_BODY_BYTES } from './document-size.ts';
import type { DocumentDeps } from './documents.ts';
import { createExplain, type Explain } from './explain-each.ts';
import { ofJson } from './put-document.ts';
import { type BodyLine, readLines } from './read-lines.ts';

const TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
/** Documents at work at a time, as many as keep the reader and the writer of the index busy. */
const PARALLEL = 4;

const Params = z.object({ collection: CollectionName });
const Named = z.looseObject({ id: DocumentId });

/** Documents as lines of JSON, each answered by a line of its own: one that fails fails alone. */
export async function batchRoute(
  app: App,
  { ingest, memory }: Pick<DocumentDeps, 'ingest' | 'memory'>,
): Promise<void> {
  await app.register(async (scope) => {
    // The body is read line by line, with a limit for each.
    scope.addContentTypeParser(TYPES, (_request, body, done) => done(null, body));
    (scope as unknown as App).post(
      // Each colon of the address is written twice: one alone would begin a parameter.
      '/v1/collections/:collection/documents::::batch',
      {
        config: { scope: 'ingest' },
        onRequest: admitDocuments(memory),
        // The body is a stream, whose lines are checked one by one.
        validatorCompiler: (route) =>
          route.httpPart === 'body'
            ? (data: unknown) => ({ value: data })
            : (app.validatorCompiler?.(route) ?? (() => true)),
        schema: {
          summary: 'Put many documents, one for each line of JSON',
          description:
            'A line is the JSON of `PUT …/documents/{id}`, and its `id`. Each line is answered by one line ' +
            '(`BatchResult`), in the same order: what became of the document, or an `error`, which leaves the others ' +
            `alone. At most ${MAX_BATCH} documents, each of the size that a single one may have.`,
          consumes: TYPES,
          produces: ['application/x-ndjson'],
          params: Params,
          body: z.string().describe('Lines of JSON, each a `DocumentInput` with its `id`'),
          response: { 200: z.string().describe('Lines of JSON, each a `BatchResult`') },
        },
      },
      async (request, reply) => {
        const { params, signal } = request;
        const body: unknown = request.body;
        if (body === undefined || body === null) throw new ServiceError('BODY_EMPTY');
        if (!(body instanceof Readable)) {
          throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: `Expected ${TYPES.join(' or ')}` });
        }
        const put = (id: string, document: DocumentInput) =>
          ingest({ ...params, id, ...ofJson(document, {}) }, { signal });
        const results = await putAll(body, put, createExplain(app, request, reply));
        if (results.length === 0) throw new ServiceError('BODY_EMPTY');
        reply.type('application/x-ndjson; charset=utf-8');
        return reply.send(results.map((result) => `${JSON.stringify(result)}\n`).join(''));
      },
    );
  });
}

type Put = (id: string, document: DocumentInput) => ReturnType<Ingest>;
async function putAll(body: Readable, put: Put, explain: Explain): Promise<readonly BatchResult[]> {
  const results: Promise<BatchResult>[] = [];
  const atWork = new Set<Promise<unknown>>();
  let line = 0;
  for await (const bytes of readLines(body, JSON_BODY_BYTES)) {
    line += 1;
    if (bytes !== undefined && bytes.toString('latin1').trim() === '') continue;
    if (results.length === MAX_BATCH) {
      const detail = `A batch has at most ${MAX_BATCH} documents; those from this line on were not read`;
      results.push(Promise.resolve({ line, error: explain(new ServiceError('BODY_TOO_LARGE', { detail })) }));
      break;
    }
    const result = putLine(bytes, line, put, explain);
    results.push(result);
    const ended = result.finally(() => atWork.delete(ended));
    atWork.add(ended);
    if (atWork.size >= PARALLEL) await Promise.race(atWork);
  }
  return Promise.all(results);
}

async function putLine(bytes: BodyLine, line: number, put: Put, explain: Explain): Promise<BatchResult> {
  let id: string | undefined;
  try {
    const value = parseLine(bytes);
    const named = check(Named, value);
    id = named.id;
    const { id: _, ...document } = named;
    const { created: _created, ...result } = await put(id, check(DocumentInput, document));
    return { line, ...result };
  } catch (error) {
    return { line, ...(id !== undefined && { id }), error: explain(error) };
  }
}

function parseLine(bytes: BodyLine): unknown {
  if (bytes === undefined) throw new ServiceError('BODY_TOO_LARGE', { detail: 'The line is too long' });
  if (!isUtf8(bytes)) throw new ServiceError('NOT_UTF8');
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ServiceError('BODY_NOT_JSON', { detail: 'The line is no JSON', cause });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const checked = validateFields(schema, value, 'line');
  if ('error' in checked) throw checked.error;
  return checked.value;
}
