/** The reason why the stack cannot run, for the operator: printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly forOperator = true;
}
