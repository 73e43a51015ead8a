import {
  DocumentFields,
  DocumentInput,
  IngestResult,
  MAX_DOCUMENT_BYTES,
  TEXT_DOCUMENT_TYPE,
} from '@xnai/contracts';
import { type App, limitJsonBody, ServiceError } from '@xnai/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingDocument } from '../ingest/ingest.ts';
import { admitDocuments } from './admit-documents.ts';
import { DELIVERED_BYTES, JSON_BODY_BYTES, requireContent } from './document-size.ts';
import { type DocumentDeps, DocumentParams } from './documents.ts';
import { bareType, contentTypeOf } from './media-type.ts';
import { isForWebOnly, WRITE_SCOPES } from './web-scope.ts';

/** A document as JSON, as its own bytes with their type, or as it was read elsewhere (`TEXT_DOCUMENT_TYPE`). */
export async function putDocumentRoute(
  app: App,
  { ingest, memory }: Pick<DocumentDeps, 'ingest' | 'memory'>,
): Promise<void> {
  await app.register(async (scope) => {
    addBodies(scope);
    (scope as unknown as App).put(
      '/v1/collections/:collection/documents/:id',
      {
        config: { scope: WRITE_SCOPES },
        onRequest: admitDocuments(memory),
        // What is not JSON has no schema; the readers check it.
        validatorCompiler: (route) => {
          const validate = app.validatorCompiler?.(route) ?? (() => true);
          return (data: unknown) => (Buffer.isBuffer(data) ? { value: data } : validate(data));
        },
        schema: {
          summary: 'Put a document; the same content again is `unchanged`',
          description:
            'The body is JSON, or the document itself with its own `Content-Type` (then `title`, `url` and ' +
            '`metadata` stand in the query; JSON as a document needs the first form, or an upload), or a ' +
            `\`${TEXT_DOCUMENT_TYPE}\`, which is checked and not parsed again.`,
          params: DocumentParams,
          querystring: DocumentFields,
          body: DocumentInput,
          response: { 200: IngestResult, 201: IngestResult },
        },
      },
      async (request, reply) => {
        const { params, query, body, signal, headers } = request;
        const isWebOnly = isForWebOnly(request);
        const document = Buffer.isBuffer(body)
          ? ofBytes(body, query, headers['content-type'] ?? '')
          : ofJson(body, query);
        const { created, ...result } = await ingest({ ...params, ...document, isWebOnly }, { signal });
        return reply.code(created ? 201 : 200).send(result);
      },
    );
  });
}

/** JSON stays the envelope that it always was. */
function addBodies(scope: FastifyInstance): void {
  limitJsonBody(scope, JSON_BODY_BYTES);
  const keep = { parseAs: 'buffer' } as const;
  scope.addContentTypeParser(TEXT_DOCUMENT_TYPE, { ...keep, bodyLimit: DELIVERED_BYTES }, takeBytes);
  scope.addContentTypeParser('*', { ...keep, bodyLimit: MAX_DOCUMENT_BYTES }, takeBytes);
}

function takeBytes(
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: Buffer) => void,
): void {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') done(null, body);
  else done(new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Content-Encoding is not supported' }));
}

export type Content = Omit<IncomingDocument, 'collection' | 'id'>;

function ofBytes(content: Buffer, fields: DocumentFields, header: string): Content {
  const type = bareType(header);
  requireContent(content, type === TEXT_DOCUMENT_TYPE ? DELIVERED_BYTES : MAX_DOCUMENT_BYTES);
  if (type !== TEXT_DOCUMENT_TYPE)
    return { content, contentType: contentTypeOf(type, content), sentAs: header, ...fields };
  requireNoFields(fields);
  return { content, contentType: type };
}

/** @throws {ServiceError} VALIDATION, BODY_EMPTY or BODY_TOO_LARGE */
export function ofJson(
  { content, content_type: contentType, encoding, ...rest }: DocumentInput,
  fields: DocumentFields,
): Content {
  requireNoFields(fields);
  const bytes = encoding === 'base64' ? fromBase64(content) : content;
  requireContent(bytes);
  const fileName = rest.metadata?.['file_name'];
  return { content: bytes, contentType, ...rest, ...(typeof fileName === 'string' && { fileName }) };
}

/** They would be ambiguous: the body says the same. */
function requireNoFields(fields: DocumentFields): void {
  const [name] = Object.keys(fields);
  if (name === undefined) return;
  throw new ServiceError('VALIDATION', { detail: `${name} belongs into the body of this content type` });
}

/** @throws {ServiceError} VALIDATION for other characters, which Node would leave out */
function fromBase64(content: string): Buffer {
  const packed = content.replace(/[\r\n]+/g, '');
  if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return Buffer.from(packed, 'base64');
  const errors = [{ path: 'content', message: 'expected base64' }];
  throw new ServiceError('VALIDATION', { detail: 'content: expected base64', errors });
}
