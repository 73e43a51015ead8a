import { resolve } from 'node:path';
import { plain, readLocated } from './located.ts';
import { readProject } from './read-project.ts';
import { parseSize } from './size.ts';

/**
 * The memory limits of all services of a project that have one, in bytes.
 * @param from.folder where relative paths of files begin
 * @param from.settings what `.env` says
 * @throws {Error} when a file cannot be read or is no compose file
 */
export function readLimits(
  files: readonly string[],
  { folder, settings }: { folder: string; settings: Readonly<Record<string, string | undefined>> },
): Readonly<Record<string, number>> {
  const paths = files.map((file) => resolve(folder, file));
  const { services } = readProject(paths, settings).project;
  const entries = Object.entries(services).map(
    ([name, service]) => [name, parseSize(service.mem_limit ?? '')] as const,
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/**
 * The names under which a compose file declares volumes.
 * @throws {Error} when the file cannot be read or is not YAML
 */
export function readVolumes(file: string): readonly string[] {
  const { volumes } = (plain(readLocated(file)) ?? {}) as { volumes?: object | null };
  return Object.keys(volumes ?? {});
}
