const CAUSES = [
  {
    pattern: /ENOSPC|no space left/i,
    advice: 'the disk is full: the workspace needs about 1.5 GB here and in the package cache.',
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|META_FETCH_FAIL|socket hang up/,
    advice:
      'the package registry cannot be reached. Check the network and `npm config get registry`; ' +
      'packages that were installed before are unchanged.',
  },
  {
    pattern: /OUTDATED_LOCKFILE|FROZEN_LOCKFILE/,
    advice:
      'pnpm-lock.yaml does not match the package.json files: run `npx pnpm install` and commit the result.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    advice: 'this folder or the package cache cannot be written by this user.',
  },
];

/**
 * @param {string} output of the package manager
 * @returns {string} advice, and the last lines of the output
 */
export function explainInstallFailure(output) {
  const cause = CAUSES.find(({ pattern }) => pattern.test(output));
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('npm warn'));
  return [cause?.advice ?? 'the installation of the workspace failed.', ...lines.slice(-12)].join('\n  ');
}
