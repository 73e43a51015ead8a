import type { GateCall } from './lend-gate.ts';
import type { VisitEnd, VisitJob } from './visit.ts';

export type ToVisit =
  | { readonly type: 'start'; readonly job: VisitJob }
  | { readonly type: 'answer'; readonly number: number; readonly answer: unknown };

export type FromVisit =
  | { readonly type: 'call'; readonly number: number; readonly call: GateCall }
  | { readonly type: 'end'; readonly end: VisitEnd };
