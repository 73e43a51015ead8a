export type { DatabaseFacts, DatabaseLook } from './facts.ts';
export { type DatabaseLogin, lookAtDatabase } from './look-at-database.ts';
