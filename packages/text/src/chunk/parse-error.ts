import { CODES, defineErrors } from '@xnai/contracts/errors';

/** Every error that parsing a document throws of itself. */
export class ParseError extends defineErrors('ParseError', {
  DOCUMENT_NOT_READABLE: CODES.DOCUMENT_NOT_READABLE,
  OVERLOADED: { ...CODES.OVERLOADED, title: 'Too many documents wait to be parsed' },
}) {}
