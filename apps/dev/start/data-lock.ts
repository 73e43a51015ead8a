import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartError } from './start-error.ts';

/**
 * Two stacks on one data folder would write one index. The lock is a Linux abstract socket: the kernel lets go of
 * it when its holder ends, however it ends.
 *
 * @throws StartError when another stack has the folder
 */
export async function lockDataFolder(folder: string): Promise<AsyncDisposable> {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ path: `\0xnai-data-${name}` });
    await once(server, 'listening');
  } catch (cause) {
    throw new StartError(
      `another stack is using the data folder ${folder}. Stop that, or choose another folder: XNAI_DATA_DIR=./data2 npm start`,
      { cause },
    );
  }
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
