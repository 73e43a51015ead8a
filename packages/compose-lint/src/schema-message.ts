import type { z } from 'zod';
import { Service } from './schema.ts';

export interface SchemaMessage {
  readonly rule: string;
  readonly text: string;
}

const KNOWN = Object.keys(Service.shape);

/** Says of a file that does not have the form of a compose file what is wrong, and how to cure it. */
export function schemaMessage(issue: z.core.$ZodIssue): SchemaMessage {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = KNOWN.find((known) => known.slice(0, 4) === key.slice(0, 4));
    const cure = 'remove it, or teach this linter the key in packages/compose-lint/src/schema.ts';
    return {
      rule: 'unknown-key',
      text: `${where}: "${key}" is not a key that is judged here; ${meant ? `did you mean ${meant}? Else ${cure}` : cure}`,
    };
  }
  if (where === '' || where === 'services') {
    return {
      rule: 'no-services',
      text: 'there are no services in it; give a compose file, then its overlays',
    };
  }
  return {
    rule: 'wrong-value',
    text: `${where}: ${issue.message}; write it as the compose specification says`,
  };
}
