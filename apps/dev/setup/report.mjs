/** A reason to stop that the user can act on; printed without a stack. */
export class SetupError extends Error {}

/** @param {string} message one thing that is being done, or that the user should do */
export function report(message) {
  process.stdout.write(`setup: ${message}\n`);
}
