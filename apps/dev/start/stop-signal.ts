const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborts at the first signal that asks this process to end. Later ones change nothing: npm passes on a Ctrl-C that
 * the terminal has sent here already, and the stop has a deadline anyway.
 */
export function createStopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => controller.abort(signal));
  return controller.signal;
}
