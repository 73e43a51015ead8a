import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@xnai/service';
import { isLeadLost } from '../store/lead.ts';
import type { OutdatedDocument, Store } from '../store/store.ts';
import { checkHasText } from './check-has-text.ts';
import type { Parser } from './parser.ts';
import { isFull, mayPass, type RetryOptions, retried } from './retried.ts';

export interface RereadDeps extends RetryOptions {
  readonly store: Pick<Store, 'listOutdated' | 'getDocument' | 'replaceReading'>;
  readonly parser: Pick<Parser, 'parse'>;
  /** Resolves when there is time for one more document. */
  readonly untilFree: (signal: AbortSignal) => Promise<void>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const PAGE = 100;

/**
 * Reads documents again that were read under an older version, out of their stored text, one after the other and in
 * place. A document is replaced in one commit and states its version itself, so that a process that was killed goes on
 * where it stopped. A document that cannot be read is left as it is, and logged. Ends when none is left, or when the
 * index is full.
 */
export async function rereadOutdated(deps: RereadDeps): Promise<void> {
  try {
    await rereadAll(deps);
  } catch (err) {
    if (!isFull(err)) throw err;
    const message =
      'storage is full: the other documents of an older version are read again after the next start';
    deps.log.warn({ err }, message);
  }
}

async function rereadAll(deps: RereadDeps): Promise<void> {
  const { store, log, signal, untilFree } = deps;
  let after = 0;
  let count = 0;
  for (;;) {
    const [next, ...others] = await retried(deps, () =>
      store.listOutdated({ after, limit: PAGE }, { signal }),
    );
    if (next === undefined) break;
    if (after === 0) log.info('documents of an older version are being read again');
    for (const outdated of [next, ...others]) {
      await untilFree(signal);
      if (await retried(deps, () => rereadOne(deps, outdated))) count += 1;
      after = outdated.place;
    }
  }
  if (after > 0) log.info({ documents: count }, 'documents of an older version have been read again');
}

async function rereadOne(
  { store, parser, log, signal }: RereadDeps,
  key: OutdatedDocument,
): Promise<boolean> {
  const { collection, id } = key;
  try {
    const document = await store.getDocument({ collection, id }, { signal });
    if (document === undefined) return false;
    const names = { mediaType: document.inline === 'none' ? 'text/plain' : 'text/markdown' };
    const { title, ...reading } = await parser.parse({ content: document.text, names }, { signal });
    checkHasText(reading);
    return await store.replaceReading(
      { ...document, title: document.title ?? title, ...reading },
      { signal },
    );
  } catch (err) {
    if (signal.aborted || mayPass(err) || isFull(err) || isLeadLost(err)) throw err;
    log.warn({ err, collection, document_id: id }, 'a document could not be read again');
    return false;
  }
}

const LONGEST_WAIT_MS = 1000;

/** Waits until the server has no request at work, but not for ever: under load one document a second is read again. */
export function createUntilFree(server: Server): RereadDeps['untilFree'] {
  let requests = 0;
  server.on('request', (_request, response) => {
    requests += 1;
    response.once('close', () => {
      requests -= 1;
    });
  });
  return async (signal) => {
    for (let waitedMs = 0; requests > 0 && waitedMs < LONGEST_WAIT_MS; waitedMs += 50) {
      await sleep(50, undefined, { signal });
    }
  };
}
