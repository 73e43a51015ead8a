import type { Multipart, MultipartFile } from '@fastify/multipart';
import { DocumentFields, MAX_DOCUMENT_BYTES } from '@xnai/contracts';
import { ServiceError, validateFields } from '@xnai/service';
import type { FastifyRequest } from 'fastify';

export type FormFile = Pick<MultipartFile, 'filename' | 'mimetype'> & { readonly bytes: Buffer };

export interface UploadForm {
  /** At least one. */
  readonly files: readonly FormFile[];
  readonly fields: DocumentFields;
}

const MAX_FILES = 100;
/** Of all files: they are in memory together, since their fields may stand after them. */
const FORM_BYTES = 2 * MAX_DOCUMENT_BYTES;

/** One more than there may be, so that one too many is seen and named. */
export const FORM_LIMITS = {
  files: MAX_FILES + 1,
  fields: 4,
  parts: MAX_FILES + 5,
  fieldSize: 1024 ** 2,
  fileSize: MAX_DOCUMENT_BYTES,
};

/** @throws {ServiceError} VALIDATION, BODY_EMPTY or BODY_TOO_LARGE when the form is not files with their fields, or ends early */
export async function readForm(request: FastifyRequest): Promise<UploadForm> {
  const files: FormFile[] = [];
  const fields: Record<string, unknown> = {};
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') setField(fields, part);
      else addFile(files, { ...part, bytes: await part.toBuffer() });
    }
  } catch (cause) {
    throw toFormError(cause);
  }
  if (files.length === 0) throw new ServiceError('BODY_EMPTY', { detail: 'There is no file in the body' });
  return { files, fields: checkFields(fields, files.length) };
}

function addFile(files: FormFile[], file: FormFile & Pick<MultipartFile, 'fieldname'>): void {
  // Its type says otherwise, but a part of the type application/octet-stream is a file without one too.
  if ((file.filename as string | undefined) === undefined)
    throw new ServiceError('VALIDATION', { detail: `The file in the field ${file.fieldname} has no name` });
  files.push(file);
  if (files.length > MAX_FILES)
    throw new ServiceError('BODY_TOO_LARGE', { detail: `A form holds at most ${MAX_FILES} files` });
  const bytes = files.reduce((sum, one) => sum + one.bytes.length, 0);
  if (bytes > FORM_BYTES)
    throw new ServiceError('BODY_TOO_LARGE', {
      detail: `The files of a form have at most ${FORM_BYTES / 1024 ** 2} MiB together`,
    });
}

function setField(fields: Record<string, unknown>, part: Extract<Multipart, { type: 'field' }>): void {
  if (Object.hasOwn(fields, part.fieldname)) {
    throw new ServiceError('VALIDATION', { detail: `The field ${part.fieldname} stands in the form twice` });
  }
  if (part.valueTruncated)
    throw new ServiceError('BODY_TOO_LARGE', { detail: `${part.fieldname} is too long` });
  fields[part.fieldname] = part.value;
}

function checkFields(given: Record<string, unknown>, fileCount: number): DocumentFields {
  const checked = validateFields(DocumentFields, given, 'form');
  if ('error' in checked) throw checked.error;
  const ofOne = fileCount === 1 ? undefined : Object.keys(given).find((name) => name !== 'metadata');
  if (ofOne === undefined) return checked.value;
  const message = `belongs to one file, and the form has ${fileCount}`;
  throw new ServiceError('VALIDATION', {
    detail: `${ofOne}: ${message}`,
    errors: [{ path: ofOne, message }],
  });
}

/** What the parser of forms says about a body is the client's fault, save for sizes, which have a status of their own. */
function toFormError(cause: unknown): unknown {
  const { statusCode, message } = cause as { statusCode?: number; message?: string };
  if (cause instanceof ServiceError) return cause;
  if (statusCode === 413) {
    const detail = `The form is larger than allowed: a file may have ${MAX_DOCUMENT_BYTES / 1024 ** 2} MiB (${message})`;
    return new ServiceError('BODY_TOO_LARGE', { detail, cause });
  }
  return new ServiceError('VALIDATION', { detail: `The form cannot be read: ${message}`, cause });
}
