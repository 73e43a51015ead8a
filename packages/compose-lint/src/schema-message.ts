import type { z } from 'zod';
import { Service } from './schema.ts';

export interface SchemaMessage {
  readonly rule: string;
  readonly text: string;
}

const KNOWN = Object.keys(Service.shape);

/** The message, with a remedy, for a file that does not have the form of a compose file. */
export function schemaMessage(issue: z.core.$ZodIssue): SchemaMessage {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = KNOWN.find((known) => known.slice(0, 4) === key.slice(0, 4));
    const cure = 'remove it, or teach this linter the key in packages/compose-lint/src/schema.ts';
    return {
      rule: 'unknown-key',
      text: `${where}: "${key}" is not a key that this linter knows; ${meant ? `did you mean ${meant}? Otherwise ${cure}` : cure}`,
    };
  }
  if (where === '' || where === 'services') {
    return {
      rule: 'no-services',
      text: 'the file has no services; give a compose file, then its overlays',
    };
  }
  return {
    rule: 'wrong-value',
    text: `${where}: ${issue.message}; write it as the compose specification says`,
  };
}
