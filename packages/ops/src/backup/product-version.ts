import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../root.ts';

export async function productVersion(): Promise<string> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
}

export function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}
