import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MountedTmpfs extends Disposable {
  readonly path: string;
}

/**
 * A small file system in memory, until it is disposed of. The test is skipped where this user cannot mount one.
 *
 * @param options of mount(8): `size=4m`
 * @param path a folder of the caller's, which is made and left; by default a new one, which is removed
 */
export function mountTmpfs(
  context: { skip(note?: string): void },
  options: string,
  path?: string,
): MountedTmpfs {
  const folder = path ?? mkdtempSync(join(tmpdir(), 'xnai-tmpfs-'));
  const clearUp = () => {
    if (path === undefined) rmSync(folder, { recursive: true });
  };
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    clearUp();
    context.skip('this user cannot mount a tmpfs');
    throw error;
  }
  return {
    path: folder,
    [Symbol.dispose]() {
      // A process that is about to end may still have a file open.
      execFileSync('umount', ['--lazy', folder]);
      clearUp();
    },
  };
}
