import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '@xnai/service/make-folder';
import type { SecretFile } from './stack-files.ts';

/** Writes each file (0600, in folders 0700) in one step: a reader sees the old content or the new. */
export async function writeSecretFiles(folder: string, files: readonly SecretFile[]): Promise<void> {
  for (const { path, content } of files) {
    const file = join(folder, path);
    await makeFolder(dirname(file));
    const next = `${file}.${process.pid}.tmp`;
    await writeFile(next, content, { mode: 0o600 });
    await rename(next, file);
  }
}
