// Loaded into each service by `node --import`: stops the service when the starter has ended, even by kill -9.
import { isMainThread } from 'node:worker_threads';

const STOP_MS = 6_000;

if (isMainThread && process.channel !== undefined && process.argv[1]?.endsWith('/src/main.ts')) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_MS).unref();
  });
  process.channel.unref();
}
