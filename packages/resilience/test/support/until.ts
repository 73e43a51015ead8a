/** Waits for a condition; says what it waited for when it does not come. */
export const until = async (what: string, holds: () => unknown, withinMs = 10_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
