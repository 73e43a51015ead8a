import { execFileSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/** A small disk for the index, in MiB, until it is disposed of; the test is skipped where none can be mounted. */
export function mountDisk(context: TestContext, folder: string, size: number): Disposable {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    context.skip('this user cannot mount a tmpfs');
  }
  return { [Symbol.dispose]: () => execFileSync('umount', [folder]) };
}
