/** What one replica does for all. */
export type Duty = 'embedding' | 'renewal';

/** The right to do it. It ends when it is given back, by `asyncDispose`, or is lost. */
export interface Lead extends AsyncDisposable {
  /** Aborted before another process may have it. */
  readonly lost: AbortSignal;
}

/** Waits until this process alone has the right. */
export type TakeLead = (duty: Duty, signal: AbortSignal) => Promise<Lead>;

/**
 * Does the work while this process leads: again from the start where it has lost the lead and taken it anew. Without
 * `take` it is the only process.
 */
export async function whileLeading(
  take: TakeLead | undefined,
  { duty, signal }: { readonly duty: Duty; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (take === undefined) return work(signal);
  for (;;) {
    await using lead = await take(duty, signal);
    try {
      await work(AbortSignal.any([signal, lead.lost]));
      if (!lead.lost.aborted) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!lead.lost.aborted) throw error;
    }
  }
}
