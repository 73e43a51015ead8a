import { openSqliteStore } from '../sqlite-store.ts';
import { newDocument } from './new-document.ts';

/** A process for crash tests: writes documents until it is killed, and prints the id of each one acknowledged. */
const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, readers: 1 });
const sections = (n: number) =>
  Array.from({ length: 20 }, (_, s) => `## Part ${s}\n\npenguin of document${n}`).join('\n\n');

await Promise.all(
  Array.from({ length: 8 }, async (_, lane) => {
    for (let n = lane; ; n += 8) {
      await store.upsertDocument(newDocument(`d${n}`, sections(n), { metadata: { lane } }));
      process.stdout.write(`d${n}\n`);
    }
  }),
);
