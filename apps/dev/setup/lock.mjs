import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { report } from './command.mjs';

const RETRY_MS = 200;

/**
 * Runs `work` while no other process on this machine holds the lock `name`. The lock is a Linux abstract socket, which
 * the kernel closes when its process ends in any way, so that there are no stale locks.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  let held = await tryLock(name);
  if (!held) report('waiting for another set-up to end');
  while (!held) {
    await sleep(RETRY_MS);
    held = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}

/** @param {string} name */
function tryLock(name) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen({ path: `\0xnai-setup-${name}` }, () => resolve(server));
  });
}
