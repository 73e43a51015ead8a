import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import multipart, { type Multipart, type MultipartFile } from '@fastify/multipart';
import { CollectionName, DocumentFields, IngestResult } from '@xnai/contracts';
import { type App, ServiceError, validateFields } from '@xnai/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { IncomingDocument } from '../ingest/ingest.ts';
import { admitDocuments } from './admit-documents.ts';
import { DOCUMENT_BYTES, requireContent } from './document-size.ts';
import type { DocumentDeps } from './documents.ts';
import { contentTypeOf } from './media-type.ts';

const Params = z.object({ collection: CollectionName });
/** For the API document: the parts are read and checked below. */
const UploadForm = z.unknown().meta({
  id: 'UploadForm',
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'string', format: 'binary' },
    title: { type: 'string' },
    url: { type: 'string' },
    metadata: { type: 'string', description: 'JSON' },
  },
});

/** One more than there are, so that one too many is seen and named. */
const LIMITS = { files: 2, fields: 4, parts: 6, fieldSize: 1024 ** 2, fileSize: DOCUMENT_BYTES };

/** One file as `multipart/form-data`: its id comes from its content, its type from its name. */
export async function uploadRoutes(
  app: App,
  { ingest, memory }: Pick<DocumentDeps, 'ingest' | 'memory'>,
): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(multipart, { limits: LIMITS, throwFileSizeLimit: true });
    (scope as unknown as App).post(
      '/v1/collections/:collection/documents',
      {
        config: { scope: 'ingest' },
        onRequest: admitDocuments(memory),
        schema: {
          summary:
            'Put one file (`multipart/form-data`); its id comes from its content, its type from its name',
          description:
            'The fields `title`, `url` and `metadata` (JSON) may stand before or after the file. Its name becomes ' +
            '`metadata.file_name`, and the title where the document has none.',
          consumes: ['multipart/form-data'],
          params: Params,
          body: UploadForm,
          response: { 200: IngestResult, 201: IngestResult },
        },
      },
      async (request, reply) => {
        if (!request.isMultipart()) {
          throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Expected multipart/form-data' });
        }
        const document = documentOf(await readForm(request));
        const { created, ...result } = await ingest(
          { ...request.params, ...document },
          { signal: request.signal },
        );
        return reply.code(created ? 201 : 200).send(result);
      },
    );
  });
}

interface Form {
  readonly file: Pick<MultipartFile, 'filename' | 'mimetype'> & { readonly bytes: Buffer };
  readonly fields: DocumentFields;
}

/** @throws {ServiceError} VALIDATION when the form is not one file with its fields, or ends early */
async function readForm(request: FastifyRequest): Promise<Form> {
  let file: Form['file'] | undefined;
  const fields: Record<string, unknown> = {};
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') setField(fields, part);
      else if (file === undefined) file = { ...part, bytes: await part.toBuffer() };
      else
        throw new ServiceError('VALIDATION', {
          detail: 'A form holds one file; send each in a request of its own',
        });
    }
  } catch (cause) {
    throw toFormError(cause);
  }
  if (file === undefined) throw new ServiceError('BODY_EMPTY', { detail: 'There is no file in the body' });
  return { file, fields: checkFields(fields) };
}

function setField(fields: Record<string, unknown>, part: Extract<Multipart, { type: 'field' }>): void {
  if (Object.hasOwn(fields, part.fieldname)) {
    throw new ServiceError('VALIDATION', { detail: `The field ${part.fieldname} stands in the form twice` });
  }
  if (part.valueTruncated)
    throw new ServiceError('BODY_TOO_LARGE', { detail: `${part.fieldname} is too long` });
  fields[part.fieldname] = part.value;
}

function checkFields(fields: Record<string, unknown>): DocumentFields {
  const checked = validateFields(DocumentFields, fields, 'form');
  if ('error' in checked) throw checked.error;
  return checked.value;
}

/** What the parser of forms says about a body is the client's fault, save for sizes, which have a status of their own. */
function toFormError(cause: unknown): unknown {
  const { statusCode, message } = cause as { statusCode?: number; message?: string };
  if (cause instanceof ServiceError) return cause;
  if (statusCode === 413) {
    const detail = `The form is larger than allowed: a file may have ${DOCUMENT_BYTES / 1024 ** 2} MiB (${message})`;
    return new ServiceError('BODY_TOO_LARGE', { detail, cause });
  }
  return new ServiceError('VALIDATION', { detail: `The form cannot be read: ${message}`, cause });
}

function documentOf({ file, fields }: Form): Omit<IncomingDocument, 'collection'> {
  const { bytes: content } = file;
  const { filename, mimetype: sentAs } = file;
  const contentType = contentTypeOf(sentAs, content, filename);
  requireContent(content);
  const fileName = basename(filename.replaceAll('\\', '/'));
  const id = createHash('sha256').update(content).digest('hex').slice(0, 32);
  const metadata = { file_name: fileName, ...fields.metadata };
  return { id, content, contentType, sentAs, fileName, ...fields, metadata };
}
