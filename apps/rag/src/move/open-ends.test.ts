import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPglite } from '../store/testing/open-pglite.ts';
import { openSource, openTarget } from './open-ends.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rag-ends-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const passwordIn = (name: string, password: string) => {
  writeFileSync(join(folder, name), `${password}\n`);
  return join(folder, name);
};

/** Asks each client for its password in clear text, and refuses it. */
async function openRefusing() {
  const passwords: string[] = [];
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(message('R', Buffer.from([0, 0, 0, 3])));
      socket.once('data', (answer) => {
        passwords.push(answer.subarray(5, -1).toString());
        socket.end(message('E', Buffer.from('SFATAL\0C28P01\0Mno\0\0')));
      });
    });
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = `postgres://xnai@127.0.0.1:${(server.address() as AddressInfo).port}/xnai`;
  return { store, passwords, [Symbol.asyncDispose]: async () => void server.close() };
}

/** https://www.postgresql.org/docs/17/protocol-message-formats.html */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

test('two servers are each given the password of their own file, and the one that refuses it is named', async () => {
  await using one = await openRefusing();
  await using two = await openRefusing();
  const from = { store: one.store, passwordFile: passwordIn('from', 'first'), password: 'common' };
  const to = { store: two.store, passwordFile: passwordIn('to', 'second'), password: 'common' };
  const refused = 'PostgreSQL refuses this user or password';
  await expect(openSource(from)).rejects.toMatchObject({
    message: expect.stringMatching(`^--from: ${refused}`),
  });
  await expect(openTarget(to)).rejects.toMatchObject({ message: expect.stringMatching(`^--to: ${refused}`) });
  await expect(openTarget({ store: two.store, password: 'common' })).rejects.toThrow('--to');
  expect(new Set(one.passwords)).toEqual(new Set(['first']));
  expect(new Set(two.passwords)).toEqual(new Set(['second', 'common']));
});

test('a file of a password that is not there is named', async () => {
  const end = { store: 'postgres://xnai@127.0.0.1:1/xnai', passwordFile: join(folder, 'none') };
  await expect(openTarget(end)).rejects.toThrow(/^--to-password-file: \S+none cannot be read \(ENOENT\)$/);
});

test('a database without tables is no source, and neither is one of an older release', async () => {
  await using server = await openPglite();
  const end = { store: server.url };
  await expect(openSource(end)).rejects.toMatchObject({
    code: 'INDEX_MISSING',
    message: '--from: the database has no tables of rag',
  });
  await expect(openSource(end)).rejects.toMatchObject({ code: 'INDEX_MISSING' });
  await (await openTarget(end))[Symbol.asyncDispose]();
  await (await openSource(end))[Symbol.asyncDispose]();
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query('UPDATE xnai.format SET version = 1');
  await client.end();
  await expect(openSource(end)).rejects.toMatchObject({
    code: 'INDEX_OLDER',
    message: expect.stringContaining('start rag of this one on it once'),
  });
});
