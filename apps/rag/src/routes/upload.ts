import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import multipart from '@fastify/multipart';
import {
  CollectionName,
  type DocumentFields,
  IngestResult,
  type UploadedFile,
  UploadResult,
} from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import { z } from 'zod';
import type { IncomingDocument } from '../ingest/ingest.ts';
import { admitDocuments } from './admit-documents.ts';
import { requireContent } from './document-size.ts';
import type { DocumentDeps } from './documents.ts';
import { createExplain, type Explain } from './explain-each.ts';
import { contentTypeOf } from './media-type.ts';
import { FORM_LIMITS, type FormFile, readForm } from './upload-form.ts';

const Params = z.object({ collection: CollectionName });
/** For the API document: the parts are read and checked below. */
const UploadForm = z.unknown().meta({
  id: 'UploadForm',
  type: 'object',
  required: ['file'],
  properties: {
    file: {
      type: 'array',
      items: { type: 'string', format: 'binary' },
      description: 'One file or several, each as a part of this name',
    },
    title: { type: 'string', description: 'Title of the document, of one file only' },
    url: { type: 'string', description: 'Where the document comes from, of one file only' },
    metadata: { type: 'string', description: 'A JSON object' },
  },
});

/** Files as `multipart/form-data`: their ids come from their contents, their types from their names. */
export async function uploadRoutes(
  app: App,
  { ingest, memory }: Pick<DocumentDeps, 'ingest' | 'memory'>,
): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(multipart, { limits: FORM_LIMITS, throwFileSizeLimit: true });
    (scope as unknown as App).post(
      '/v1/collections/:collection/documents',
      {
        config: { scope: 'ingest' },
        onRequest: admitDocuments(memory),
        schema: {
          summary: 'Put files (`multipart/form-data`); ids come from their contents, types from their names',
          description:
            'The fields `title`, `url` and `metadata` (JSON) may stand before or after the file. Its name becomes ' +
            '`metadata.file_name`, and the title where the document has none. Several files are answered with 207 ' +
            'and a result for each; they share `metadata`.',
          consumes: ['multipart/form-data'],
          params: Params,
          body: UploadForm,
          response: { 200: IngestResult, 201: IngestResult, 207: UploadResult },
        },
      },
      async (request, reply) => {
        if (!request.isMultipart()) {
          throw new ServiceError('UNSUPPORTED_MEDIA_TYPE', { detail: 'Expected multipart/form-data' });
        }
        const { files, fields } = await readForm(request);
        const put = (file: FormFile) =>
          ingest({ ...request.params, ...documentOf(file, fields) }, { signal: request.signal });
        const [first, ...others] = files;
        if (first !== undefined && others.length === 0) {
          const { created, ...result } = await put(first);
          return reply.code(created ? 201 : 200).send(result);
        }
        return reply.code(207).send({ files: await putEach(files, put, createExplain(app, request, reply)) });
      },
    );
  });
}

type Put = (file: FormFile) => Promise<IngestResult & { readonly created: boolean }>;

/** One after the other; one that fails fails alone. */
async function putEach(files: readonly FormFile[], put: Put, explain: Explain): Promise<UploadedFile[]> {
  const results: UploadedFile[] = [];
  for (const file of files) {
    const file_name = fileNameOf(file);
    try {
      const { created: _created, ...result } = await put(file);
      results.push({ ...result, file_name });
    } catch (error) {
      results.push({ file_name, error: explain(error) });
    }
  }
  return results;
}

function documentOf(file: FormFile, fields: DocumentFields): Omit<IncomingDocument, 'collection'> {
  const { bytes: content, filename, mimetype: sentAs } = file;
  const contentType = contentTypeOf(sentAs, content, filename);
  requireContent(content);
  const fileName = fileNameOf(file);
  const id = createHash('sha256').update(content).digest('hex').slice(0, 32);
  const metadata = { file_name: fileName, ...fields.metadata };
  return { id, content, contentType, sentAs, fileName, ...fields, metadata };
}

/** Without the folders that some browsers send with it. */
function fileNameOf({ filename }: FormFile): string {
  return basename(filename.replaceAll('\\', '/'));
}
