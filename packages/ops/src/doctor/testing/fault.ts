import type { Finding } from '../finding.ts';
import type { HealthyMachine } from './healthy-machine.ts';

/** What breaks a healthy machine, and what the doctor must say of it. */
export type Fault = readonly [
  what: string,
  level: Finding['level'],
  cause: RegExp,
  command: string,
  break_: (machine: HealthyMachine) => unknown,
];
