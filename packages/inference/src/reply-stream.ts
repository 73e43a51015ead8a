/** A queue between a pushing and a pulling side. Items that are pushed before the end are always delivered. */
export function createReplyStream<T>() {
  const items: T[] = [];
  let ended = false;
  let error: unknown;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(item: T): void {
      items.push(item);
      notify();
    },
    end(): void {
      ended = true;
      notify();
    },
    fail(reason: unknown): void {
      error ??= reason;
      ended = true;
      notify();
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
      for (;;) {
        while (items.length > 0) yield items.shift() as T;
        if (error !== undefined) throw error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
