import { spawnSync } from 'node:child_process';

/**
 * Prints the facts of this host that decide which tests are skipped: system, user, versions of the programs that tests
 * start, and whether a tmpfs can be mounted. They are part of turbo's cache key, so that a cached run hides no skip.
 */
const facts = [
  `${process.platform}-${process.arch}`,
  `node=${process.version}`,
  `uid=${process.getuid?.() ?? 'none'}`,
  `redis=${firstLine('redis-server', ['--version'])}`,
  `chromium=${firstLine('chromium', ['--version'])}`,
  `apt=${firstLine('apt-get', ['--version'])}`,
  `namespaces=${spawnSync('unshare', ['--mount', '--net', 'true']).status === 0}`,
];
process.stdout.write(`${facts.join(';')}\n`);

function firstLine(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n', 1)[0] ?? '') : 'absent';
}
