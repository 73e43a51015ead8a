import type { z } from 'zod';
import { interpolate } from './interpolate.ts';
import { type Located, nearest, type Place, plain, readLocated } from './located.ts';
import { merge } from './merge.ts';
import type { Finding } from './rule.ts';
import { MEMORY } from './rules/memory.ts';
import { MOUNTS } from './rules/mounts.ts';
import { PRIVILEGES } from './rules/privileges.ts';
import { hasImage, RUNNING } from './rules/running.ts';
import { SECRETS } from './rules/secrets.ts';
import { USERS } from './rules/users.ts';
import { WRITABLE } from './rules/writable.ts';
import { Project } from './schema.ts';
import { schemaMessage } from './schema-message.ts';

export interface Message extends Place {
  readonly rule: string;
  readonly text: string;
}

const RULES = [...USERS, ...WRITABLE, ...MOUNTS, ...MEMORY, ...PRIVILEGES, ...SECRETS, ...RUNNING];

/**
 * Judges compose files laid over each other in the given order, as `-f A -f B` would run them.
 * @returns a message with file, line and remedy for each problem
 * @throws Error when a file cannot be read or is not YAML.
 */
export function lintFiles(files: readonly string[]): readonly Message[] {
  const [first, ...overlays] = files.map((file) => readLocated(file));
  if (first === undefined) return [];
  return lintProject(overlays.reduce((base, overlay) => merge(base, overlay), first));
}

function lintProject(written: Located): readonly Message[] {
  const effective = Project.safeParse(plain(interpolate(written)));
  if (!effective.success) return effective.error.issues.map((issue) => misformed(written, issue));
  const asWritten = Project.safeParse(plain(written));
  const findings = Object.entries(effective.data.services).flatMap(([name, service]) => {
    const written = asWritten.data?.services[name] ?? service;
    const subject = { name, service, written, project: effective.data };
    const missing = hasImage(subject);
    return missing.length > 0 ? missing : RULES.flatMap((rule) => rule(subject));
  });
  return findings.map((finding) => message(written, finding)).sort(byPlace);
}

function message(root: Located, { rule, path, message: text, cure }: Finding): Message {
  const { file, line } = nearest(root, path);
  return { file, line, rule, text: `${path[1]}: ${text}; ${cure}` };
}

function misformed(root: Located, issue: z.core.$ZodIssue): Message {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown].map((key) => (typeof key === 'number' ? key : String(key)));
  const { file, line } = nearest(root, path);
  return { file, line: Math.max(line, 1), ...schemaMessage(issue) };
}

function byPlace(a: Place, b: Place): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
}
