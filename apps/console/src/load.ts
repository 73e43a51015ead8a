import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface Loaded<T> {
  readonly value: Signal<T | undefined>;
  readonly error: Signal<unknown>;
  /** Reads again; what was read before stays until then. */
  readonly again: () => void;
}

/**
 * What a panel shows of the services: read when it opens and whenever `deps` change, then every `everyMs`. A failure is
 * kept beside the last value.
 */
export function useLoaded<T>(
  read: (signal: AbortSignal) => Promise<T>,
  { deps, everyMs }: { readonly deps: readonly unknown[]; readonly everyMs?: number },
): Loaded<T> {
  const value = useSignal<T | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const round = useSignal(0);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const found = await read(signal);
        if (signal.aborted) return;
        value.value = found;
        error.value = undefined;
      } catch (reason) {
        if (signal.aborted) return;
        error.value = reason;
      }
      // The next round begins after this one: a slow service is not asked twice at once.
      if (everyMs !== undefined) timer = setTimeout(load, everyMs);
    };
    void load();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [...deps, round.value]);
  const again = () => {
    round.value += 1;
  };
  return { value, error, again };
}
