import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface ManualPage {
  /** The Debian package that holds it. */
  readonly package: string;
  /** Below the root of the file system, as the package installs it. */
  readonly path: string;
  readonly html: string;
}

interface ManualPackage {
  readonly name: string;
  readonly folder: string;
  readonly isPage: RegExp;
}

/** python3-doc and debian-reference-common hold only links to the files of these. */
const PACKAGES: readonly ManualPackage[] = [
  { name: 'python3.11-doc', folder: 'usr/share/doc/python3.11/html', isPage: /\.html$/ },
  { name: 'debian-reference-en', folder: 'usr/share/debian-reference', isPage: /^ch\d+\.en\.html$/ },
  { name: 'git-doc', folder: 'usr/share/doc/git-doc', isPage: /\.html$/ },
];

export const MANUAL_PACKAGES = PACKAGES.map(({ name }) => name);

/**
 * Reads the pages of the manuals: where apt installs them, or below `root`, in the layout of the packages, each in a
 * folder of its name or all in one.
 *
 * @throws {Error} that says which packages are missing and how to get them
 */
export async function readManualPages(root = '/'): Promise<readonly ManualPage[]> {
  const found = PACKAGES.map((known) => ({ ...known, at: findFolder(root, known) }));
  const missing = found.filter(({ at }) => at === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Error(`not found below ${root}: ${missing.join(', ')}
Install them (apt-get install ${missing.join(' ')}), or unpack them somewhere and name that folder with --manuals DIR:
  apt-get download ${missing.join(' ')} && for deb in *.deb; do dpkg -x "$deb" DIR; done`);
  }
  const pages = await Promise.all(found.map(readPackage));
  return pages.flat();
}

function findFolder(root: string, { name, folder }: ManualPackage): string | undefined {
  return [join(root, name), root].find((base) => {
    const path = join(base, folder);
    return existsSync(path) && statSync(path).isDirectory();
  });
}

async function readPackage({ name, folder, isPage, at = '' }: ManualPackage & { at: string | undefined }) {
  const entries = await readdir(join(at, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isPage.test(entry.name));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(
    paths.map(async (path): Promise<ManualPage> => {
      return { package: name, path: relative(at, path), html: await readFile(path, 'utf8') };
    }),
  );
}
