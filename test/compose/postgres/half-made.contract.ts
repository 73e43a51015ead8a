import { readFileSync } from 'node:fs';
import { waitUntil } from '@xnai/testing';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../support/machine.ts';
import { IMAGE } from './server.ts';

const NAME = 'half-made';
const read = (name: string) => readFileSync(new URL(`../../../containers/${name}`, import.meta.url), 'utf8');
const SCRIPT = read('database.sh');
const LAST = read('database-last.sh');
/** As `write-scale.ts` has it, with a pause in which it is killed. */
const FIRST = `CREATE ROLE rag LOGIN;
SELECT pg_sleep(4);
CREATE DATABASE rag OWNER rag;
\\connect rag
CREATE EXTENSION vector;
`;
const LOOK = `psql -qAtX -h 127.0.0.1 -U rag -d rag -c "SELECT count(*) FROM pg_extension WHERE extname = 'vector'"`;

export function describeHalfMade(machine: () => Machine): void {
  describe('a database whose making was cut off', () => {
    it('is made anew at the next start, and one that is whole is kept', async () => {
      const podman = (...args: readonly string[]) => machine().run(['podman', ...args]);
      const inside = (script: string) => podman('exec', NAME, 'sh', '-c', script);
      const write = [
        'printf %s "$SCRIPT" >/run/xnai/database.sh',
        'printf %s "$FIRST" >/run/xnai/first.sql; printf %s "$LAST" >/run/xnai/last.sh',
      ].join('; ');
      const started = await podman(
        ...['run', '-d', '--name', NAME, '--user', '1001:1001', '--userns', 'keep-id:uid=1001,gid=1001'],
        ...['--tmpfs', '/run:mode=0755,U', '--tmpfs', '/docker-entrypoint-initdb.d:mode=0700,U'],
        ...['--tmpfs', '/var/lib/postgresql/data:size=1m,mode=0700,U', '-v', `${NAME}:/var/lib/xnai:U`],
        ...['-e', 'PGDATA=/var/lib/xnai/database', '-e', 'POSTGRES_PASSWORD=x'],
        ...['-e', `SCRIPT=${SCRIPT}`, '-e', `FIRST=${FIRST}`, '-e', `LAST=${LAST}`, IMAGE],
        ...['sh', '-c', `mkdir -p /run/xnai; ${write}; exec sh /run/xnai/database.sh`],
      );
      expect(started.code, started.output).toBe(0);
      await using _container = {
        [Symbol.asyncDispose]: async () => {
          await podman('rm', '-f', '-t', '0', NAME);
          await podman('volume', 'rm', NAME);
        },
      };
      const restart = async () => {
        await podman('kill', '--signal', 'KILL', NAME);
        await podman('wait', NAME);
        await podman('start', NAME);
      };
      const untilWhole = () =>
        waitUntil('the database is whole', async () => (await inside(LOOK)).output.trim() === '1', {
          timeoutMs: 60_000,
          pollMs: 300,
        });
      await waitUntil('it is in the middle', async () =>
        (await inside('ps ax || cat /proc/[0-9]*/cmdline')).output.includes('SELECT'),
      );
      expect((await inside(LOOK)).code).not.toBe(0);
      await restart();
      await untilWhole();
      await inside('psql -qX -h 127.0.0.1 -U rag -d rag -c "CREATE TABLE kept ()"');
      await restart();
      await untilWhole();
      expect((await inside('psql -qAtX -h 127.0.0.1 -U rag -d rag -c "TABLE kept"')).code).toBe(0);
    });
  });
}
