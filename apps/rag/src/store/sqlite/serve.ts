import { threadTask } from '@xnai/service/thread-task';
import type { Database } from './database.ts';
import { fromSqlite } from './sqlite-failure.ts';

/** The tasks of a store thread, which keeps its connection open between them. Their errors are those of the store. */
export function serve<Request, Reply>(
  openDatabase: () => Database,
  reply: (db: Database, request: Request) => Reply,
  onClosed = () => {},
) {
  let db: Database | undefined;
  const connect = () => (db ??= openDatabase());
  return {
    open: threadTask<void, void>(() => {
      translated(connect);
    }),
    answer: threadTask((request: Request) => translated(() => reply(connect(), request))),
    close: threadTask<void, void>(() => {
      db?.close();
      db = undefined;
      onClosed();
    }),
  };
}

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw fromSqlite(error);
  }
}
