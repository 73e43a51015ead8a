import { parentPort } from 'node:worker_threads';
import type { Database } from './database.ts';
import { type Reply, toFailure } from './protocol.ts';
import { fromSqlite } from './sqlite-failure.ts';

/** The loop of a store thread: opens the index, then answers one request after the other until `undefined` comes. */
export function serve<Request>(
  open: () => Database,
  answer: (db: Database, request: Request) => unknown,
): void {
  const port = parentPort;
  if (port === null) throw new Error('a store thread cannot run on its own');
  const reply = (work: () => unknown) => port.postMessage(attempt(work));
  let db: Database | undefined;
  reply(() => {
    db = open();
  });
  if (db === undefined) {
    port.close();
    return;
  }
  const opened = db;
  port.on('message', (request: Request | undefined) => {
    if (request !== undefined) {
      reply(() => answer(opened, request));
      return;
    }
    opened.close();
    port.close();
  });
}

function attempt(work: () => unknown): Reply {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return { ok: false, failure: toFailure(fromSqlite(error)) };
  }
}
