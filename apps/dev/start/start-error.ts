/** Why the stack cannot run, for the person who typed `npm start`: printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly forOperator = true;
}
