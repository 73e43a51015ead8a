import { openSqliteStore } from '../../store/sqlite-store.ts';
import { createParser } from '../parser.ts';
import { rereadOutdated } from '../reread.ts';

/** A process for crash tests: reads the documents of an index again, and prints a line for each one it begins with. */
const [path = ''] = process.argv.slice(2);
await using store = await openSqliteStore({ path, readers: 1 });
await using parser = createParser();
await rereadOutdated({
  store,
  parser,
  untilFree: async () => {
    process.stdout.write('next\n');
  },
  log: { info: () => {}, warn: () => {} },
  signal: new AbortController().signal,
});
