/** For tests against a real server, which look at one part of the store at a time. */

export { type Connections, openConnections } from '../postgres/connections.ts';
export { takeLead } from '../postgres/lead.ts';
export { migrate } from '../postgres/migrate.ts';
export { MIGRATIONS } from '../postgres/schema.ts';
export { openPostgresStore, type PostgresStore } from '../postgres-store.ts';
export { newDocument } from './new-document.ts';
