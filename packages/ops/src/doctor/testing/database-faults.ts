import type { Fault } from './fault.ts';

/** Those of a server that answers are looked at in the container suite. */
export const DATABASE_FAULTS: readonly Fault[] = [
  [
    'a database that cannot be reached',
    'error',
    /PostgreSQL cannot be reached: .*ECONNREFUSED/,
    'psql -h 127.0.0.1 -p 1 -U rag docs',
    ({ set }) => set('RAG_STORE', 'postgres://rag@127.0.0.1:1/docs'),
  ],
  [
    'a password file of the database that is empty',
    'error',
    /RAG_STORE_PASSWORD_FILE has no password/,
    'ls -l /run/secrets/db',
    ({ set, file }) => {
      set('RAG_STORE', 'postgres://rag@127.0.0.1:1/docs');
      set('RAG_STORE_PASSWORD_FILE', '/run/secrets/db');
      file('/run/secrets/db', '\n');
    },
  ],
];
