import { CODES, defineErrors } from '@xnai/contracts/errors';
import { ReadError } from '@xnai/text';

/** Why a document was not taken in. */
export class IngestError extends defineErrors('IngestError', {
  ...ReadError.table,
  VALIDATION: CODES.VALIDATION,
  BODY_NOT_JSON: CODES.BODY_NOT_JSON,
  BODY_TOO_LARGE: CODES.BODY_TOO_LARGE,
  DOCUMENT_NOT_WEB: CODES.DOCUMENT_NOT_WEB,
  NOT_UTF8: CODES.NOT_UTF8,
  OVERLOADED: { ...CODES.OVERLOADED, title: 'Too many documents wait to be read' },
}) {}
