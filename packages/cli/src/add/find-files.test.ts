import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findFiles } from './find-files.ts';

test('takes the files of a folder whose names say a type that is read, also without a dot', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'find-files-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const path of [
    'src/main.rs',
    'node_modules/a.md',
    '.git/b.md',
    'notes.md',
    'Makefile',
    'photo.png',
    'LICENSE',
  ]) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), 'x');
  }
  const within = (path: string) => join(basename(folder), path);
  const { files, leftOut } = await findFiles([folder]);
  expect(files.map(({ name }) => name)).toEqual(['Makefile', 'notes.md', 'src/main.rs'].map(within));
  expect(leftOut).toEqual(['LICENSE', 'photo.png'].map(within));
});
