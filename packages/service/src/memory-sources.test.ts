import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memorySources } from './memory-sources.ts';

const names = (folders: readonly (string | undefined)[]) => memorySources(folders).map(({ name }) => name);

test('each file system of a folder is watched once, by the folder named first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-sources-'));
  try {
    expect(names([folder, undefined, tmpdir()]).filter((name) => name.startsWith('tmpfs'))).toEqual(
      expect.arrayContaining([`tmpfs ${folder}`]),
    );
    expect(names([folder])).not.toContain(`tmpfs ${tmpdir()}`);
    expect(names([])).toEqual(expect.arrayContaining(['cgroup', 'pressure', `tmpfs ${tmpdir()}`]));
    expect(names(['/nonexistent/a', '/nonexistent/b'])).toEqual(
      expect.arrayContaining(['tmpfs /nonexistent/a', 'tmpfs /nonexistent/b']),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
