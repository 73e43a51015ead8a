/** Repeats work at an interval, one run at a time. Errors are ignored, because the next run repeats the work. */
export function startPolling(work: () => Promise<void>, intervalMs: number): Disposable {
  let isRunning = false;
  const timer = setInterval(async () => {
    if (isRunning) return;
    isRunning = true;
    await work().catch(() => {});
    isRunning = false;
  }, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
