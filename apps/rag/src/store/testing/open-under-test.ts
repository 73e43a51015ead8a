import { openPostgresStore } from '../postgres-store.ts';
import type { StoreUnderTest } from '../store.contract.ts';
import { openPglite, type PgliteOptions } from './open-pglite.ts';

/** For tests: a store in a PGlite of its own. */
export async function openUnderTest(options?: PgliteOptions): Promise<StoreUnderTest> {
  const server = await openPglite(options);
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
}
