import { examine, openHost, root } from '@xnai/ops';
import { openPostgresStore } from '@xnai/rag/testing/postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatabase } from './database.ts';
import { failedStart, startRag } from './rag-process.ts';
import { asSuperuser, PASSWORD, type PostgresServer, SMALL_FOLDER, STANDBY_PORT } from './server.ts';

const CONTROL = '/usr/share/postgresql/17/extension/vector.control';

async function databaseFindings(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const host = openHost({ env: { ...process.env, ...env } });
  const findings = await examine(host, { root, verifyModels: async () => [] });
  return findings.flatMap(({ subject, level, cause }) =>
    subject === 'database' ? [`${level}: ${cause}`] : [],
  );
}

/** A standby of the server, beside it in its container. */
const START_STANDBY = `set -e
  su postgres -c "PGPASSWORD='${PASSWORD}' /usr/lib/postgresql/17/bin/pg_basebackup -h 127.0.0.1 -U postgres -D /tmp/standby -R -X stream --checkpoint=fast"
  su postgres -c "/usr/lib/postgresql/17/bin/pg_ctl -D /tmp/standby -o '-p ${STANDBY_PORT}' -l /tmp/standby.log -w start"`;

export function describeFaults(server: () => PostgresServer): void {
  describe('a start says what is wrong', () => {
    it('with the login, the name, the address and the tables', async () => {
      const { url, sql } = await makeDatabase(server(), 'faults');
      const said = (change: (url: URL) => void) => {
        const changed = new URL(url);
        change(changed);
        return failedStart(changed.href);
      };
      await (await openPostgresStore({ url })).close();
      await sql('UPDATE xnai.format SET version = 99');
      const [newer, denied, unknown, away] = await Promise.all([
        failedStart(url),
        said((one) => {
          one.password = 'wrong';
        }),
        said((one) => {
          one.pathname = '/nothing';
        }),
        said((one) => {
          one.port = '1';
        }),
      ]);
      expect(newer).toMatch(
        /^the database was written by a newer version \(format 99; this one reads \d+\)$/,
      );
      expect(denied).toBe(
        'PostgreSQL refuses this user or password: check the URL of the store and the file of its password',
      );
      expect(unknown).toBe('There is no database of this name: createdb NAME on the server');
      expect(away).toBe('PostgreSQL cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
    });

    it('with pgvector, and names the command that installs it', async () => {
      const { url, sql } = await makeDatabase(server(), 'no_vector', { hasVector: false });
      expect(await failedStart(url)).toBe(
        'the extension pgvector is not in this database: CREATE EXTENSION vector, as a superuser',
      );
      await server().shell(`mv ${CONTROL} ${CONTROL}.away`);
      expect(await failedStart(url)).toBe(
        'the extension pgvector is missing on the server: apt install postgresql-17-pgvector, then CREATE EXTENSION vector',
      );
      await server().shell(`mv ${CONTROL}.away ${CONTROL}`);
      await sql('CREATE EXTENSION vector');
      await (await openPostgresStore({ url })).close();
    });

    it('with a standby, which only reads', async () => {
      const { url } = await makeDatabase(server(), 'standby');
      const started = await server().shell(START_STANDBY);
      expect(started.code, started.output).toBe(0);
      const standby = new URL(url);
      standby.port = String(server().standbyPort);
      expect(await failedStart(standby.href)).toBe(
        'The server of the store is a standby, which only reads. Name the primary',
      );
      await (await openPostgresStore({ url })).close();
    });
  });

  describe('the doctor', () => {
    it('says how the database is, and how many replicas it has room for', async () => {
      const { url } = await makeDatabase(server(), 'doctor');
      const before = await databaseFindings({ RAG_STORE: url });
      expect(before).toContainEqual(
        expect.stringMatching(/^ok: PostgreSQL 17\..*pgvector 0\.\d\.\d, postings, no tables yet/),
      );
      expect(before).toContainEqual(expect.stringMatching(/^ok: .*room for \d replicas$/));
      await (await openPostgresStore({ url })).close();
      const crowded = await databaseFindings({ RAG_STORE: url, RAG_STORE_CONNECTIONS: '60' });
      expect(crowded).toContainEqual(expect.stringMatching(/^warning: .*a second replica has no room/));
      expect(crowded).toContainEqual(expect.stringMatching(/^ok: .*tables of format \d+, \d+ MiB$/));
      const denied = await databaseFindings({ RAG_STORE: url.replace(':doctor@', ':wrong@') });
      expect(denied).toEqual([expect.stringMatching(/^error: PostgreSQL refuses this user or password/)]);
    });
  });

  describe('a full disk of the server', () => {
    it('refuses what is written, by name, and nothing else', async () => {
      await server().shell(`install -d -o postgres ${SMALL_FOLDER}/data`);
      const small = `CREATE TABLESPACE small LOCATION '${SMALL_FOLDER}/data'`;
      await asSuperuser(server(), 'postgres', small);
      const database = await makeDatabase(server(), 'full_disk', { tablespace: 'small' });
      const rag = await startRag(database.url);
      onTestFinished(() => rag[Symbol.asyncDispose]());
      const content = `# Long\n\n${Array.from({ length: 4_000 }, (_, n) => `Walrus ${n} has tusks.`).join(' ')}`;
      const put = (id: string) =>
        rag.client.putDocument('default', id, { content: `${content} ${id}`, content_type: 'text/markdown' });
      expect(await put('first')).toMatchObject({ status: 'indexed' });
      await server().shell(`head -c 100m /dev/zero >${SMALL_FOLDER}/fill`);
      const refused: unknown[] = [];
      for (let n = 0; n < 10; n += 1) await put(`more-${n}`).catch((error) => refused.push(error));
      expect(refused.at(-1)).toMatchObject({ name: 'ClientError', status: 503, code: 'STORAGE_FULL' });
      expect((await rag.client.search({ query: 'walrus' })).results.length).toBeGreaterThan(0);
      expect((await rag.get('/readyz')).status).toBe(200);
      await server().shell(`rm ${SMALL_FOLDER}/fill`);
      await expect.poll(async () => (await put('again')).status).toBe('indexed');
      await rag[Symbol.asyncDispose]();
      // A server that is started again finds an empty folder there.
      for (const sql of ['DROP DATABASE full_disk WITH (FORCE)', 'DROP TABLESPACE small', 'CHECKPOINT'])
        await asSuperuser(server(), 'postgres', sql);
    });
  });
}
