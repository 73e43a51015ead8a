import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeEnd, forkChild } from '@xnai/service/child';
import { root } from '../root.ts';
import { type Moved, MoveMessage, type MoveProgress } from './messages.ts';

export interface RunMoveOptions {
  /** `sqlite:PATH` or `postgres://USER@HOST:PORT/DATABASE`. */
  readonly from: string;
  readonly to: string;
  /** Files with the passwords of PostgreSQL. */
  readonly passwordFiles: { readonly from?: string | undefined; readonly to?: string | undefined };
  /** Of an end for which no file is named. */
  readonly password?: string | undefined;
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: MoveProgress) => void;
}

/** The move did not come to its end; the message is its own. */
class MoveFailed extends Error {
  override readonly name = 'MoveFailed';
  readonly forOperator = true;
}

const MODULE = pathToFileURL(join(root, 'apps/rag/src/move/main.ts'));
const STOP_MS = 10_000;

/**
 * Moves a store to another in a process of rag, which alone knows stores.
 *
 * @throws {MoveFailed} when it cannot be done, or was stopped
 */
export async function runMove(options: RunMoveOptions): Promise<Moved> {
  const { from, to, passwordFiles, password, replace, signal, onProgress } = options;
  const files = Object.entries(passwordFiles).filter(([, file]) => file !== undefined);
  const moved = Promise.withResolvers<Moved>();
  await using child = forkChild<never, unknown>(MODULE, {
    args: [
      '--from',
      from,
      '--to',
      to,
      ...files.map(([end, file]) => `--${end}-password-file=${file}`),
      ...(replace ? ['--replace'] : []),
    ],
    env: { RAG_STORE_PASSWORD: password },
    signal,
    graceMs: STOP_MS,
    onMessage(message) {
      const said = MoveMessage.parse(message);
      if ('progress' in said) onProgress(said.progress);
      else moved.resolve(said.moved);
    },
  });
  const failed = child.ended.then((end) => {
    if (signal.aborted) throw new MoveFailed('The move was stopped. The same command goes on with it');
    throw new MoveFailed(end.stderrTail.trim() || `The move has ended: ${describeEnd(end)}`);
  });
  return await Promise.race([moved.promise, failed]);
}
