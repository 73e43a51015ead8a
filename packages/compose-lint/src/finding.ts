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
