import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether packages can be downloaded here; where they cannot, tests over them are skipped with a word. */
export function hasApt(): boolean {
  return ['apt-get', 'dpkg'].every((command) => spawnSync(command, ['--version']).status === 0);
}

/**
 * Downloads Debian packages and unpacks them into a new folder that the caller removes; nothing is installed.
 *
 * @throws {Error} with the words of apt-get or dpkg
 */
export function unpackDebianPackages(...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-debian-'));
  const run = (command: string, ...args: readonly string[]) => {
    const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  };
  run('apt-get', 'download', ...names);
  for (const file of readdirSync(folder)) if (file.endsWith('.deb')) run('dpkg', '-x', file, folder);
  return folder;
}
