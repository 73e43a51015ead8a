import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { extensionOfPath, FILE_TYPES, languageOf } from '@xnai/text/file-types';
import { UsageError } from '../command.ts';

export interface FoundFile {
  /** Absolute, without links. */
  readonly path: string;
  /** From the folder in which what was named lies. */
  readonly name: string;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  /** Files of named folders whose type is not read. */
  readonly leftOut: readonly string[];
}

/**
 * The files that were named, and those in the folders that were. Of a folder, hidden files, `node_modules` and links are
 * passed over.
 *
 * @throws {UsageError} when one is not there, or a folder cannot be read
 */
export async function findFiles(named: readonly string[]): Promise<FoundFiles> {
  const files = new Map<string, string>();
  const leftOut: string[] = [];
  for (const operand of named) {
    const path = await existing(operand);
    const nameOf = (file: string) => relative(dirname(path), file);
    const isFolder = (await stat(path)).isDirectory();
    for (const file of isFolder ? await filesIn(path) : [path]) {
      if (isFolder && typeOf(file) === undefined) leftOut.push(nameOf(file));
      else files.set(file, nameOf(file));
    }
  }
  return { files: [...files].map(([path, name]) => ({ path, name })), leftOut };
}

function existing(operand: string): Promise<string> {
  return realpath(operand).catch((error) => refuse(operand, error));
}

function refuse(path: string, { code }: NodeJS.ErrnoException): never {
  throw new UsageError(`${path} cannot be read: ${code}`);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => refuse(folder, error));
  const shown = entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
  const found = await Promise.all(
    shown.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** The media type by the name; undefined for one that says nothing. */
export function typeOf(path: string): string | undefined {
  const extension = extensionOfPath(path);
  const known = FILE_TYPES.find(({ extensions }) => extensions.includes(extension))?.mediaTypes[0];
  return known ?? (languageOf(extension) === undefined ? undefined : 'text/plain');
}
