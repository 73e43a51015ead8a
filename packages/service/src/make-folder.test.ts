import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderError, makeFolder, makeFolderSync } from './make-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-folder-'));
  await writeFile(join(root, 'file'), '');
  await mkdir(join(root, 'there'));
  await symlink(join(root, 'there'), join(root, 'link'));
});
afterAll(() => rm(root, { recursive: true }));

const FORMS = [
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string) => makeFolderSync(path)],
] as const;

describe.each(FORMS)('%s', (name, make) => {
  test('makes what is missing, for its user only', async () => {
    const folder = join(root, name, 'b', 'c');
    await make(folder);
    for (const path of [folder, join(root, name, 'b')])
      expect(await stat(path)).toMatchObject({ mode: 0o040700 });
    await make(folder);
  });

  test('takes a folder that exists, by a symbolic link or a relative path too', async () => {
    await make(join(root, 'link', name));
    await make(relative(process.cwd(), join(root, 'there', name, 'inner')));
    expect((await stat(join(root, 'there', name, 'inner'))).isDirectory()).toBe(true);
  });

  test('makes one that others make at the same time', async () => {
    const folder = join(root, name, ...Array.from({ length: 20 }, (_, i) => `d${i}`));
    await Promise.all(Array.from({ length: 20 }, () => make(folder)));
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  test.each([
    ['/proc/none/index', 'the folder /proc/none cannot be made (ENOENT): /proc takes no new folder'],
    ['/proc/self/fd/index', 'the folder /proc/self/fd/index cannot be made (ENOENT)'],
    ['/sys/none', 'the folder /sys/none cannot be made (E'],
    [
      '/dev/null/index',
      'the folder /dev/null/index cannot be made (ENOTDIR): a file is in its place or above',
    ],
    ['/dev/null', 'the folder /dev/null cannot be made (EEXIST): a file is in its place'],
  ])('refuses %s at once, and says what it expected', async (path, message) => {
    const error = await make(path).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FolderError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain('Expected a folder that exists, or a path in one');
  });
});
