import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real tmpfs with a size of its own. */
export interface TestTmpfs extends AsyncDisposable {
  readonly path: string;
}

/** Mounts a tmpfs; undefined where this user has no right to mount, so that the test can be skipped. */
export async function mountTmpfs(sizeBytes: number): Promise<TestTmpfs | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'xnai-tmpfs-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Lazily: a process of the test may still be about to close its last file.
      execFileSync('umount', ['--lazy', path]);
      await rm(path, { recursive: true });
    },
  };
}
