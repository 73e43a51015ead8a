import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The folder, where it has a built console. */
export function findConsole(folder: string): string | undefined {
  return existsSync(join(folder, PAGE)) ? folder : undefined;
}

export const PAGE = 'index.html';
