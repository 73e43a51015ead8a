import { CODES, defineErrors } from '@xnai/contracts/errors';

/** An act cannot be recorded. */
export class AuditError extends defineErrors('AuditError', {
  AUDIT_UNAVAILABLE: CODES.AUDIT_UNAVAILABLE,
  /** Its files are not what this writer left: an operator has to look. */
  AUDIT_DAMAGED: { title: 'The audit chain was changed or is damaged', retryable: false },
}) {
  readonly forOperator = true;
}
