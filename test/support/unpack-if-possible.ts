import { hasApt, unpackDebianPackages } from '@xnai/testing';

/** Folder with Debian packages; undefined, with a word, where they cannot be had. */
export function unpackIfPossible(what: string, ...names: readonly string[]): string | undefined {
  try {
    if (hasApt()) return unpackDebianPackages(...names);
    console.warn(`SKIPPED: ${what} comes as a Debian package, and there is no apt here`);
  } catch (error) {
    console.warn(`SKIPPED: the Debian packages of ${what} cannot be had: ${(error as Error).message}`);
  }
  return undefined;
}
