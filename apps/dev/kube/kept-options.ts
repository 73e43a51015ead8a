import { join } from 'node:path';
import { writeSecretFiles } from '@xnai/secrets';
import { z } from 'zod';
import { readText } from '../read-text.ts';

const FILE = 'options.json';
/** In the place of a database's address: the one of deploy/kube. */
export const OWN_STORE = 'none';

const Kept = z.strictObject({
  /** The address of a database that runs elsewhere, with the login, or `none`. */
  store: z.string(),
  /** Names and addresses of the balancer. */
  names: z.array(z.string()),
  /** Of each Valkey server. */
  maxMemory: z.templateLiteral([z.number(), 'mb']),
});
export type KeptOptions = z.infer<typeof Kept>;
/** Undefined: as the folder has it. */
export type GivenOptions = { readonly [Name in keyof KeptOptions]?: KeptOptions[Name] | undefined };

const FIRST: KeptOptions = { store: OWN_STORE, names: [], maxMemory: '256mb' };

/**
 * What was given, and for the rest what was given before: a command that is typed again for a key or a certificate leaves
 * the others as they are.
 *
 * @throws {Error} when the folder's file is not understood
 */
export async function readOptions(folder: string, given: GivenOptions): Promise<KeptOptions> {
  const file = join(folder, FILE);
  const kept = Kept.partial().safeParse(JSON.parse((await readText(file)) ?? '{}'));
  if (!kept.success) throw new Error(`${file}: ${z.prettifyError(kept.error)}`);
  const all: [string, unknown][] = [FIRST, kept.data, given].flatMap(Object.entries<unknown>);
  return Kept.parse(Object.fromEntries(all.filter(([, value]) => value !== undefined)));
}

export async function keepOptions(folder: string, options: KeptOptions): Promise<void> {
  await writeSecretFiles(folder, [{ path: FILE, content: `${JSON.stringify(options)}\n` }]);
}
