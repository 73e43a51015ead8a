import { createLogger } from '@xnai/service';
import { openSqliteStore } from '../../store/sqlite-store.ts';
import { startEmbedding } from '../start-embedding.ts';
import { createCountedEmbedder } from './counted-embedder.ts';

/** A process for crash tests: embeds the chunks of an index, and prints a line for each text. */
const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, readers: 1 });
startEmbedding({
  vectors: store.vectors,
  embedder: createCountedEmbedder(() => process.stdout.write('text\n')),
  log: createLogger({ name: 'rag', level: 'silent' }),
});
