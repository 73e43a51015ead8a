import { CODES, type Code, defineErrors, type TableErrorOptions } from '@xnai/contracts';

/** One thing wrong with a request: where (`a.b.0`) and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** `detail` is shown to the client, so it never holds secrets or causes; `cause` is logged and never shown. */
export interface ServiceErrorOptions extends TableErrorOptions {
  readonly errors?: readonly FieldError[];
}

/** An error that has an entry in the table of codes; the HTTP edge turns it into problem+json. */
export class ServiceError extends defineErrors('ServiceError', CODES) {
  readonly errors: readonly FieldError[] | undefined;

  constructor(code: Code, options: ServiceErrorOptions = {}) {
    super(code, options);
    this.errors = options.errors;
  }

  get status(): number {
    return CODES[this.code].status;
  }
}
