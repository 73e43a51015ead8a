import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import multipart, { type MultipartFile } from '@fastify/multipart';
import { CollectionName, type ContentType, IngestResult } from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import { z } from 'zod';
import { admitDocuments } from './admit-documents.ts';
import { DOCUMENT_BYTES, requireContent } from './document-size.ts';
import type { DocumentDeps } from './documents.ts';

const Params = z.object({ collection: CollectionName });

const TYPES: Readonly<Record<string, ContentType>> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.txt': 'text/plain',
};

/** One file as `multipart/form-data`: its id comes from its content, its type from its name. */
export async function uploadRoutes(
  app: App,
  { ingest, memory }: Pick<DocumentDeps, 'ingest' | 'memory'>,
): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(multipart, {
      limits: { files: 1, fields: 0, parts: 1, fileSize: DOCUMENT_BYTES },
      throwFileSizeLimit: true,
    });
    (scope as unknown as App).post(
      '/v1/collections/:collection/documents',
      {
        config: { scope: 'ingest' },
        onRequest: admitDocuments(memory),
        schema: {
          summary: 'Put a file (`multipart/form-data`: md, html, txt); its id comes from its content',
          consumes: ['multipart/form-data'],
          params: Params,
          response: { 200: IngestResult, 201: IngestResult },
        },
      },
      async (request, reply) => {
        if (!request.isMultipart()) {
          throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Expected multipart/form-data' });
        }
        const { content, contentType } = await readFile(await request.file());
        const id = createHash('sha256').update(content).digest('hex').slice(0, 32);
        const document = { ...request.params, id, content, contentType };
        const { created, ...result } = await ingest(document, { signal: request.signal });
        return reply.code(created ? 201 : 200).send(result);
      },
    );
  });
}

async function readFile(
  file: MultipartFile | undefined,
): Promise<{ content: string; contentType: ContentType }> {
  if (file === undefined) throw new ServiceError('BODY_EMPTY', { detail: 'There is no file in the body' });
  const contentType = TYPES[extname(file.filename).toLowerCase()];
  if (contentType === undefined) {
    file.file.resume();
    const detail = 'A file is .md, .markdown, .html, .htm or .txt';
    throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail });
  }
  const content = decodeUtf8(await file.toBuffer());
  requireContent(content);
  return { content, contentType };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ServiceError('NOT_UTF8', { cause });
  }
}
