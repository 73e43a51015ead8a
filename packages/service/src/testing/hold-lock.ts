import { lockFolder } from '../lock.ts';

/** Locks the folder named by its argument, says so, drops the lock object and collects garbage until it is killed. */
async function hold(): Promise<void> {
  const [, , folder = '', name] = process.argv;
  await lockFolder(folder, { name });
  process.stdout.write('held\n');
  setInterval(() => globalThis.gc?.(), 5);
}

// Not awaited at the top level, which would keep the lock object referenced.
void hold();
