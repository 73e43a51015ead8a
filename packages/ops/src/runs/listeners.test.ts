import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { isForeign, listenersOn } from './listeners.ts';

test('who listens on a port is known, and the own user is not foreign', async () => {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(listenersOn(port)).toEqual([
    { address: '0100007F', uid: process.getuid?.(), inode: expect.stringMatching(/^\d+$/) },
  ]);
  expect(isForeign(`http://127.0.0.1:${port}`)).toBe(false);
  expect(isForeign(`http://localhost:${port}`)).toBe(false);
});

test.skipIf(process.getuid?.() !== 0).each(['127.0.0.1', '0.0.0.0', '::'])(
  'another user who listens at %s is foreign, but not at another address of the same port',
  async (host) => {
    const script = `const s = require('net').createServer().listen(0, '${host}', () => console.log(s.address().port))`;
    const other = spawn(process.execPath, ['--eval', script], { uid: 65534, gid: 65534, cwd: '/' });
    const [line] = await once(other.stdout, 'data');
    const port = Number(line);
    expect(isForeign(`http://127.0.0.1:${port}`)).toBe(true);
    expect(isForeign(`http://127.0.0.2:${port}`)).toBe(host !== '127.0.0.1');
    other.kill();
    await once(other, 'exit');
  },
);

test('where it cannot be told who listens, nobody passes for the own user', () => {
  expect(() => isForeign('http://127.0.0.1:1', '/no/such/folder')).toThrow('ENOENT');
});
