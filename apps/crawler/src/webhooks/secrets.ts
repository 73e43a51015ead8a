import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** As https://www.standardwebhooks.com has it: 24 to 64 bytes in base64. */
const Secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected whsec_ and 24 to 64 bytes in base64')
  .transform((text) => Buffer.from(text.slice('whsec_'.length), 'base64'));

/** Secrets by name; two of a name while one takes the place of the other. */
const SecretsFile = z.record(
  z.string().regex(/^[\w.-]{1,64}$/),
  z.union([Secret.transform((one) => [one]), z.array(Secret).min(1).max(2)]),
);

/** The secrets that webhooks are signed with. */
export interface WebhookSecrets {
  /**
   * The live secrets of a name; undefined when there is none of that name. The file is read each time, so that a change
   * takes effect at once; while it cannot be read, the last good content stays in force.
   */
  of(name: string): Promise<readonly Buffer[] | undefined>;
}

/** @throws {Error} when the file cannot be read or has another form */
export function openSecrets(file: string | undefined): WebhookSecrets {
  if (file === undefined) return { of: async () => undefined };
  let known = parse(readFileSync(file, 'utf8'));
  return {
    async of(name) {
      known = await readFile(file, 'utf8')
        .then(parse)
        .catch(() => known);
      return known[name];
    },
  };
}

function parse(text: string): z.output<typeof SecretsFile> {
  return SecretsFile.parse(JSON.parse(text));
}
