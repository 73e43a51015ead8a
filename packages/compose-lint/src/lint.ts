import { dirname } from 'node:path';
import type { z } from 'zod';
import { extendServices } from './extend.ts';
import type { Subject } from './finding.ts';
import { includedFiles, withIncluded } from './include.ts';
import { interpolate } from './interpolate.ts';
import { orderOf } from './levels.ts';
import { type Located, nearest, plain, readLocated } from './located.ts';
import { merge } from './merge.ts';
import { type Message, toMessages } from './messages.ts';
import { RULES } from './rules/rules.ts';
import { hasImage } from './rules/running.ts';
import { unsetVariables } from './rules/variables.ts';
import { Project } from './schema.ts';
import { schemaMessage } from './schema-message.ts';

/**
 * Judges compose files laid over each other in the given order, as `-f A -f B` would run them, and the files that they
 * include.
 * @returns a message with file, line and remedy for each problem: errors first, then warnings, then advice
 * @throws Error when a file cannot be read or is not YAML.
 */
export function lintFiles(files: readonly string[]): readonly Message[] {
  const [first, ...overlays] = files.map((file) => extendServices(readLocated(file), [file]));
  if (first === undefined) return [];
  return lintProject(overlays.reduce((base, overlay) => merge(base, overlay), first)).sort(bySeverity);
}

function lintProject(written: Located): Message[] {
  const included = includedFiles(written);
  const all = withIncluded(written, included);
  const project = Project.safeParse(plain(interpolate(all)));
  const own = new Set(Object.keys((plain(written) as { services?: object })?.services ?? {}));
  const problems = project.success
    ? judge(written, all, project.data, own)
    : project.error.issues.map((issue) => misformed(all, issue));
  return [...problems, ...included.flatMap(lintProject)];
}

function judge(written: Located, all: Located, project: Project, own: ReadonlySet<string>): Message[] {
  const asWritten = Project.safeParse(plain(all)).data;
  const subjects = Object.entries(project.services)
    .filter(([name]) => own.has(name))
    .map(([name, service]): Subject => {
      const folder = dirname(all.file);
      return { name, service, written: asWritten?.services[name] ?? service, project, folder };
    });
  const findings = subjects.flatMap((subject) => {
    const missing = hasImage(subject);
    return missing.length > 0 ? missing : RULES.flatMap((rule) => rule(subject));
  });
  return [...unsetVariables(written), ...toMessages(all, findings)];
}

function misformed(root: Located, issue: z.core.$ZodIssue): Message {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown].map((key) => (typeof key === 'number' ? key : String(key)));
  const { file, line } = nearest(root, path);
  return { file, line: Math.max(line, 1), level: 'error', ...schemaMessage(issue) };
}

function bySeverity(a: Message, b: Message): number {
  return orderOf(a.rule) - orderOf(b.rule) || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
}
