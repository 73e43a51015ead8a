import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first line of every file that is written, by which the next run knows it again. */
const MARK = '# Written by `npm run quadlet`, which also replaces and deletes this file.';

/**
 * Writes units into a folder, and deletes those that an earlier call wrote and that are not among them any more. All
 * other files stay as they are.
 *
 * @param units the text of each unit, by file name
 * @throws {Error} when a unit has the name of a file that was not written here; nothing is changed then
 */
export function writeUnits(folder: string, units: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { withFileTypes: true });
  const isWrittenHere = (name: string) => readFileSync(join(folder, name), 'utf8').startsWith(`${MARK}\n`);
  const written = entries.filter((entry) => entry.isFile() && isWrittenHere(entry.name));
  const kept = entries.filter((entry) => !written.includes(entry));
  const foreign = kept.filter(({ name }) => Object.hasOwn(units, name));
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => join(folder, name)).join(', ');
    throw new Error(`not written by \`npm run quadlet\`: ${names}. Move it away, then repeat the command.`);
  }
  for (const { name } of written) rmSync(join(folder, name));
  for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), `${MARK}\n${text}`);
}
