import type { Path, Place } from './located.ts';
import type { Project, Service } from './schema.ts';

/** A problem that a rule found: its place in the project, and the remedy. */
export interface Finding {
  readonly rule: string;
  readonly path: Path;
  /** Names what is wrong within the service, where several things can be. */
  readonly item?: string;
  readonly message: string;
  readonly cure: string;
  /** Of a problem in another file than the compose file. */
  readonly place?: Place;
}

/** A service as it will run, with its name and the values as written (variables not yet replaced). */
export interface Subject {
  readonly name: string;
  readonly service: Service;
  readonly written: Service;
  readonly project: Project;
  /** Where its relative paths begin. */
  readonly folder: string;
}

export type Rule = (subject: Subject) => readonly Finding[];
