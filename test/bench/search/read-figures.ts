import type { RagProcess } from '../support/rag-process.ts';

/** What `/metrics` says now, by name and labels. */
export type Figures = ReadonlyMap<string, number>;

export async function readFigures({ url, key }: RagProcess): Promise<Figures> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  const lines = (await response.text()).matchAll(/^([^#\s].*) (\S+)$/gm);
  return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
}

/** Since the last time that the figures were read. The clock is looked at every 10 ms, which are part of it. */
export function loopDelayMs(figures: Figures): number {
  return (figures.get('nodejs_eventloop_lag_p99_seconds') ?? Number.NaN) * 1000;
}

/** Mean time in the line until a thread of the store began, between two looks. */
export function meanWaitMs(line: 'lookup' | 'search', before: Figures, after: Figures): number {
  const grown = (part: 'sum' | 'count') => {
    const name = `rag_store_wait_seconds_${part}{line="${line}"}`;
    return (after.get(name) ?? 0) - (before.get(name) ?? 0);
  };
  return (grown('sum') / grown('count')) * 1000;
}
