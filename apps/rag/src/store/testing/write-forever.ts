import { openSqliteStore } from '../sqlite-store.ts';
import { directionOf } from './directions.ts';
import { newDocument } from './new-document.ts';

/** A process for crash tests: writes documents and vectors until it is killed, and prints the id of each document acknowledged. */
const [path = ''] = process.argv.slice(2);
const store = await openSqliteStore({ path, readers: 1 });
const sections = (n: number) =>
  Array.from({ length: 20 }, (_, s) => `## Part ${s}\n\npenguin of document${n}`).join('\n\n');

const set = { id: 'set', model: 'model', dimensions: 64 };

async function embedForever(): Promise<never> {
  await store.vectors.begin(set);
  for (;;) {
    const texts = await store.vectors.pending(50);
    const vectors = texts.map(({ hash, text }) => ({ hash, vector: directionOf(text, set.dimensions) }));
    await store.vectors.put(set.id, vectors);
  }
}

await Promise.all([
  embedForever(),
  ...Array.from({ length: 8 }, async (_, lane) => {
    for (let n = lane; ; n += 8) {
      await store.upsertDocument(newDocument(`d${n}`, sections(n), { metadata: { lane } }));
      process.stdout.write(`d${n}\n`);
    }
  }),
]);
