/** The codes and their errors alone: threads and child processes load them without the schemas. */
export * from './codes.ts';
export * from './define-errors.ts';
