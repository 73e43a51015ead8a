import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file of a chain that begins with line `firstSeq`. */
export interface ChainFile {
  readonly name: string;
  readonly path: string;
  readonly firstSeq: number;
}

/** At the root of a disk, where its owner alone may read. */
const OF_THE_FILE_SYSTEM = 'lost+found';

const NAME = /^(\d{12})\.jsonl$/;

export function chainFile(folder: string, firstSeq: number): ChainFile {
  const name = `${String(firstSeq).padStart(12, '0')}.jsonl`;
  return { name, path: join(folder, name), firstSeq };
}

/** The files of one chain, oldest first; none when there is no such folder. */
export async function listChainFiles(folder: string): Promise<readonly ChainFile[]> {
  const names = await entriesOf(folder);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => chainFile(folder, Number.parseInt(name, 10)));
}

export interface ListWritersOptions {
  /** Fails when a folder cannot be read, instead of passing it over. Default: false. */
  readonly isStrict?: boolean;
}

/** The names of all writers that have a chain in the audit folder. */
export async function listWriters(
  folder: string,
  { isStrict = false }: ListWritersOptions = {},
): Promise<readonly string[]> {
  const names = await entriesOf(folder);
  const files = await Promise.all(
    names.map((name) =>
      listChainFiles(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
        if (isStrict && error.code !== 'ENOTDIR' && name !== OF_THE_FILE_SYSTEM) throw error;
        return [];
      }),
    ),
  );
  return names.filter((_, index) => files[index]?.length).sort();
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export interface ChainText {
  readonly lines: readonly string[];
  /** Bytes of the lines with their ends. */
  readonly sizeBytes: number;
  /** Bytes behind the last end of line: a line that was not written to its end. */
  readonly tornBytes: number;
}

export async function readLines(file: ChainFile): Promise<ChainText> {
  const bytes = await readFile(file.path);
  const sizeBytes = bytes.lastIndexOf('\n') + 1;
  const text = bytes.toString('utf8', 0, sizeBytes);
  return { lines: text.split('\n').slice(0, -1), sizeBytes, tornBytes: bytes.length - sizeBytes };
}
