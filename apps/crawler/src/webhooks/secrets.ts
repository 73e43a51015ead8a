import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** As https://www.standardwebhooks.com has it: 24 to 64 bytes in base64. */
const Secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/)
  .transform((text) => Buffer.from(text.slice('whsec_'.length), 'base64'));

/** Secrets by name; two of a name while one takes the place of the other. */
const SecretsFile = z.record(
  z.string().regex(/^[\w.-]{1,64}$/),
  z.union([Secret.transform((one) => [one]), z.array(Secret).min(1).max(2)], {
    error: 'expected whsec_ and 24 to 64 bytes in base64, or a list of one or two of them',
  }),
);

/** The secrets that webhooks are signed with. */
export interface WebhookSecrets {
  /**
   * The live secrets of a name; undefined when there is none of that name. The file is read each time, so that a change
   * takes effect at once; while it cannot be read, the last good content stays in force.
   */
  of(name: string): Promise<readonly Buffer[] | undefined>;
}

/**
 * @param onProblem called once when the file can no longer be read, and again after it could be
 * @throws {Error} when the file cannot be read or has another form
 */
export function openSecrets(
  file: string | undefined,
  onProblem: (reason: string) => void = () => {},
): WebhookSecrets {
  if (file === undefined) return { of: async () => undefined };
  let known = parse(readFileSync(file, 'utf8'));
  let isTold = false;
  return {
    async of(name) {
      try {
        known = parse(await readFile(file, 'utf8'));
        isTold = false;
      } catch (error) {
        if (!isTold) onProblem((error as Error).message);
        isTold = true;
      }
      return known[name];
    },
  };
}

/** @throws {Error} in words that show nothing of the text, as those of `JSON.parse` do */
function parse(text: string): z.output<typeof SecretsFile> {
  const { data, error } = SecretsFile.safeParse(parseJson(text));
  if (error !== undefined) throw new Error(z.prettifyError(error));
  return data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
}
