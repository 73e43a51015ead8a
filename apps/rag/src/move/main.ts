import { parseArgs } from 'node:util';
import type { MoveMessage, MoveProgress } from '@xnai/ops/move';
import { env, readConfig, runMain } from '@xnai/service';
import { z } from 'zod';
import { MoveError } from './move-error.ts';
import { moveStore } from './move-store.ts';
import { openSource, openTarget, requireTwo } from './open-ends.ts';

/** The password of PostgreSQL is in no command line. */
const Variables = z.object({ RAG_STORE_PASSWORD: env.secret().optional() });

const TELL_EVERY_MS = 250;

/** Moves one store to another and tells the parent process how far it is. */
await runMain(async () => {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '' },
      to: { type: 'string', default: '' },
      'from-password-file': { type: 'string' },
      'to-password-file': { type: 'string' },
      replace: { type: 'boolean', default: false },
    },
  });
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort(new MoveError('STOPPED')));
  await requireTwo(values.from, values.to);
  const { RAG_STORE_PASSWORD: password } = readConfig(Variables);
  const passwordFiles = { from: values['from-password-file'], to: values['to-password-file'] };
  await using from = await openSource({ store: values.from, passwordFile: passwordFiles.from, password });
  await using to = await openTarget({ store: values.to, passwordFile: passwordFiles.to, password });
  let toldMs = 0;
  const onProgress = (progress: MoveProgress) => {
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    send({ progress });
  };
  const { replace } = values;
  const moved = await moveStore({ from, to, replace, signal: stop.signal, onProgress });
  send({ moved });
});

function send(message: MoveMessage): void {
  process.send?.(message);
}
