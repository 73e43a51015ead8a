const causes = [
  {
    pattern: /ENOSPC|no space left/i,
    advice: 'the disk is full: the workspace needs about 1.5 GB beside this folder and in the package cache.',
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|META_FETCH_FAIL|socket hang up/,
    advice:
      'the package registry cannot be reached. Check the network, and `npm config get registry`; ' +
      'what is installed already was left as it is.',
  },
  {
    pattern: /OUTDATED_LOCKFILE|FROZEN_LOCKFILE/,
    advice:
      'pnpm-lock.yaml does not match the package.json files: run `npx pnpm install` and commit the result.',
  },
  {
    pattern: /EACCES|EPERM|EROFS/,
    advice: 'this folder (or the package cache) cannot be written by you.',
  },
];

/**
 * @param {string} output what the package manager said
 * @returns {string} what to do about it, and the lines that say why
 */
export function explainInstallFailure(output) {
  const cause = causes.find(({ pattern }) => pattern.test(output));
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('npm warn'));
  return [cause?.advice ?? 'installing the workspace failed.', ...lines.slice(-12)].join('\n  ');
}
