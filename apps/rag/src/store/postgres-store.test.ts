import { openPostgresStore } from './postgres-store.ts';
import { describeStore } from './store.contract.ts';
import { openPglite } from './testing/open-pglite.ts';

const open = async () => {
  const server = await openPglite();
  const connect = () => openPostgresStore({ url: server.url, connections: 1 });
  let store = await connect();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await connect();
      return store;
    },
    dispose: async () => {
      await store.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

// Each statement of PGlite takes as long as ten of a server.
describeStore('the PostgreSQL store', open, { addresses: 300 });
