import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEnd, spawnChild } from '@xnai/service/child';
import { Redis } from 'ioredis';
import { openHost } from '../host/host.ts';
import { BackupError } from './backup-error.ts';

export interface SecondRedis extends AsyncDisposable {
  readonly client: Redis;
}

const PROGRAMS = ['valkey-server', 'redis-server'];
/** What a shell says of a program that is not there. */
const NOT_FOUND = 127;
const LINES_SHOWN = 3;

/**
 * Starts a Redis on restored data, on a socket of its own. Undefined where no Redis is installed.
 *
 * @throws {BackupError} TORN when none of those that are installed reads the data: the reason is the end of its log
 */
export async function startSecondRedis(
  dataFolder: string,
  signal: AbortSignal,
): Promise<SecondRedis | undefined> {
  let failure: BackupError | undefined;
  for (const program of PROGRAMS) {
    const started = await start(program, dataFolder, signal);
    if (typeof started === 'object') return started;
    if (started !== undefined)
      failure = new BackupError('TORN', { detail: `${program} does not start on the backup: ${started}` });
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** The server; why it ended; or undefined where it is not installed. */
async function start(program: string, dataFolder: string, signal: AbortSignal) {
  await using held = new AsyncDisposableStack();
  // Not in the data: the path of a socket may have 107 characters.
  const folder = await mkdtemp(join(tmpdir(), 'xnai-drill-redis-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'redis.sock');
  const settings = { port: '0', unixsocket: socket, dir: dataFolder, appendonly: 'yes', save: '' };
  const child = spawnChild('/bin/sh', {
    // Its log goes to where the end of it is kept.
    args: [
      ...['-c', 'exec "$0" "$@" >&2', program],
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    env: { PATH: openHost().env['PATH'] },
    signal,
  });
  held.use(child);
  const client = new Redis(socket, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  held.defer(() => client.disconnect());
  const answer = client.ping().catch(() => undefined);
  const end = await Promise.race([answer.then(() => undefined), child.ended]);
  if (end?.code === NOT_FOUND) return undefined;
  if (end !== undefined)
    return `${describeEnd(end)}\n${end.stderrTail.trim().split('\n').slice(-LINES_SHOWN).join('\n')}`;
  const resources = held.move();
  return { client, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
