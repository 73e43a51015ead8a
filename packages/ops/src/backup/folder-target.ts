import { createReadStream } from 'node:fs';
import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { makeFolder } from '@xnai/service/make-folder';
import { BackupError } from './backup-error.ts';
import type { Target } from './target.ts';

/** Backups as files of one folder, readable by its owner alone. */
export function folderTarget(folder: string): Target {
  return {
    name: folder,
    workFolder: folder,
    async list() {
      const names = await told(folder, () => readdir(folder).catch(refuseMissing(folder)));
      return names.filter((name) => !name.startsWith('.'));
    },
    async put(name, file) {
      await told(folder, async () => {
        await makeFolder(folder);
        await moveInto(folder, name, file);
      });
    },
    async get(name) {
      const path = join(folder, basename(name));
      if ((await stat(path).catch(() => undefined)) === undefined)
        throw new BackupError('NOT_FOUND', { detail: `There is no ${name} in ${folder}` });
      return Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    },
    async remove(name) {
      await told(folder, () => rm(join(folder, basename(name)), { force: true }));
    },
  };
}

async function moveInto(folder: string, name: string, file: string): Promise<void> {
  let partial = file;
  if (dirname(file) !== folder) {
    partial = join(folder, `.${name}.partial`);
    await copyFile(file, partial);
    await rm(file);
  }
  await syncPath(partial);
  await rename(partial, join(folder, name));
  await syncPath(folder);
}

async function syncPath(path: string): Promise<void> {
  await using handle = await open(path);
  await handle.sync();
}

function refuseMissing(folder: string) {
  return (cause: NodeJS.ErrnoException): never => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new BackupError('NOT_FOUND', { detail: `There is no folder ${folder}`, cause });
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'it is full (ENOSPC). Make room, or keep fewer backups',
  EDQUOT: 'its quota is used up (EDQUOT)',
  EROFS: 'it is read-only (EROFS)',
  EACCES: 'this user may not write to it (EACCES)',
  ENOTDIR: 'a part of its path is no folder (ENOTDIR)',
};

/** Gives the errors of a file system the name of the target. */
export async function told<Result>(target: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw cause;
    throw new BackupError('TARGET', { detail: `The target ${target} cannot be used: ${reason}`, cause });
  }
}
