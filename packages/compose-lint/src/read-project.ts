import { interpolate } from './interpolate.ts';
import { plain, readLocated } from './located.ts';
import { merge } from './merge.ts';
import { Project } from './schema.ts';

/**
 * Compose files laid over each other, with settings in the place of variables.
 *
 * @param settings what .env says
 * @throws {Error} when a file cannot be read or is no compose file
 */
export function readProject(
  files: readonly string[],
  settings: Readonly<Record<string, string | undefined>>,
) {
  const [first, ...overlays] = files.map((file) => interpolate(readLocated(file), settings));
  if (first === undefined) throw new Error('no compose file is given');
  const values = plain(overlays.reduce((base, overlay) => merge(base, overlay), first));
  /** With the keys that the linter does not judge. */
  const written = values as { readonly services: Readonly<Record<string, object>> };
  return { project: Project.parse(values), written };
}
