import type { DatabaseLook } from '@xnai/ops/database';
import { env, readConfig, runMain } from '@xnai/service';
import { z } from 'zod';
import { lookAt } from '../store/postgres/look.ts';

const Variables = z.object({ RAG_STORE: env.secret(), RAG_STORE_PASSWORD: env.secret().optional() });

/** Tells the parent process what the database of a store says, and why rag would not start on it. */
await runMain(async () => {
  const { RAG_STORE: url, RAG_STORE_PASSWORD: password } = readConfig(Variables);
  const look: DatabaseLook = await lookAt({ url, password });
  process.send?.(look);
});
