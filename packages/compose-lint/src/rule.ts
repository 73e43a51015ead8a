import type { Path } from './located.ts';
import type { Project, Service } from './schema.ts';

/** A problem that a rule found: its place in the project, and the remedy. */
export interface Finding {
  readonly rule: string;
  readonly path: Path;
  readonly message: string;
  readonly cure: string;
}

/** A service as it will run, with its name and the values as written (variables not yet replaced). */
export interface Subject {
  readonly name: string;
  readonly service: Service;
  readonly written: Service;
  readonly project: Project;
}

export type Rule = (subject: Subject) => readonly Finding[];

/** A finding, with its place within the service. */
type Fault = readonly [at: Path, message: string, cure: string];

/** @param find gives the faults of a service; false stands for none */
export function rule(name: string, find: (subject: Subject) => readonly (Fault | false)[]): Rule {
  return (subject) =>
    find(subject)
      .filter((fault) => fault !== false)
      .map(([at, message, cure]) => ({
        rule: name,
        path: ['services', subject.name, ...at],
        message,
        cure,
      }));
}
