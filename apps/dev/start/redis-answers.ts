import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { pollUntil } from './poll-until.ts';
import { StartError } from './start-error.ts';

export interface WaitOptions {
  readonly socketPath: string;
  /** A file with the URL of a login that may ping. */
  readonly loginFile: string;
  readonly signal: AbortSignal;
}

/** Long enough to load an append-only file of several hundred megabytes. */
const START_MS = 60_000;

/** @throws {StartError} when Redis has not loaded its data within a minute */
export async function waitForRedis({ socketPath, loginFile, signal }: WaitOptions): Promise<void> {
  const { username, password } = new URL(await readFile(loginFile, 'utf8'));
  const request = `AUTH ${username} ${decodeURIComponent(password)}\r\nPING\r\n`;
  const isUp = async () => /\+PONG|-MISCONF/.test(await ask(socketPath, request));
  if ((await pollUntil(isUp, { timeoutMs: START_MS, signal })) || signal.aborted) return;
  throw new StartError(`the private Redis does not answer, ${START_MS / 1000} s after its start`);
}

/** What comes back at first: while data are loaded that is `+OK` and `-LOADING`. Empty while nothing listens. */
async function ask(socketPath: string, request: string): Promise<string> {
  const socket = createConnection(socketPath);
  try {
    socket.write(request);
    let answer = '';
    for await (const data of socket) {
      answer += data;
      if (answer.split('\n').length >= request.split('\n').length) break;
    }
    return answer;
  } catch {
    return '';
  } finally {
    socket.destroy();
  }
}

const LOG_LINES = 5;

/** The end of the log, and what to do when the files in which Redis keeps its data cannot be read. */
export async function explainRedisEnd(logFile: string, keepFolder: string, command: string): Promise<string> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const end = log.trim().split('\n').slice(-LOG_LINES);
  const lines = [':', ...end.map((line) => `  ${line}`)];
  if (/aof|append|rdb/i.test(end.join())) lines.push(adviceFor(keepFolder, command));
  return lines.join('\n');
}

function adviceFor(keepFolder: string, command: string): string {
  const check = command.replace('-server', '-check-aof');
  return `Crawls are kept in ${keepFolder}. What a newer version wrote, only that version reads: start with it again.
If the files are damaged, cut off what cannot be read of them:
  ${check} --fix ${keepFolder}/appendonlydir/appendonly.aof.manifest
or begin without these crawls:
  mv ${keepFolder} ${keepFolder}.damaged`;
}
