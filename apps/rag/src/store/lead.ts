import type { Logger } from '@xnai/service';
import { StoreError } from './store-error.ts';

/** What one replica does for all. */
export type Duty = 'embedding' | 'renewal' | 'self-check';

/** Of whose work a write is. A store refuses it by LEAD_LOST once another process has led after that one. */
export interface LeadMark {
  readonly duty: Duty;
  /** Greater than that of each lead before. */
  readonly generation: number;
}

/** The right to do it. It ends when it is given back, by `asyncDispose`, or is lost. */
export interface Lead extends LeadMark, AsyncDisposable {
  /** Aborted as soon as this process can know it; another one may have the right a little earlier. */
  readonly lost: AbortSignal;
}

/** What came of one try to take the lead. `unknown`: who leads cannot be asked. */
export type LeadState =
  | { readonly kind: 'leads' }
  | { readonly kind: 'waits' }
  | { readonly kind: 'unknown'; readonly error: unknown };

export interface LeadWanted {
  readonly duty: Duty;
  readonly signal: AbortSignal;
  /** Called at each try. */
  readonly onTried: (state: LeadState) => void;
}

/** Waits until this process alone has the right. */
export type TakeLead = (wanted: LeadWanted) => Promise<Lead>;

export interface WhileLeadingOptions {
  readonly duty: Duty;
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Does the work while this process leads: again from the start where it has lost the lead and taken it anew. Without
 * `take` it is the only process, and there is no mark.
 */
export async function whileLeading(
  take: TakeLead | undefined,
  { duty, signal, log }: WhileLeadingOptions,
  work: (signal: AbortSignal, mark: LeadMark | undefined) => Promise<void>,
): Promise<void> {
  if (take === undefined) return work(signal, undefined);
  for (;;) {
    await using lead = await take({ duty, signal, onTried: createLeadReport(log, duty) });
    try {
      await work(AbortSignal.any([signal, lead.lost]), { duty, generation: lead.generation });
      if (!lead.lost.aborted) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!lead.lost.aborted && !isLeadLost(error)) throw error;
      log.warn({ err: lead.lost.aborted ? lead.lost.reason : error, duty }, 'this replica leads no more');
    }
  }
}

export function isLeadLost(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'LEAD_LOST';
}

/** Says what changes, and not each try. */
function createLeadReport(log: WhileLeadingOptions['log'], duty: Duty) {
  let last: LeadState['kind'] | undefined;
  return (state: LeadState) => {
    if (state.kind === last) return;
    last = state.kind;
    if (state.kind === 'unknown')
      log.warn({ err: state.error, duty }, 'who leads cannot be asked; it is tried until it succeeds');
    else log.info({ duty }, state.kind === 'leads' ? 'this replica leads' : 'another replica leads');
  };
}
