/** Why the stack cannot run, for the person who typed `npm start`. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
