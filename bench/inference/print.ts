import { type Measured, median, type Samples } from './measure.ts';
import type { Operation } from './operations.ts';

/** Medians, with the least and the most of the repeats in brackets. */
export function printMeasured(one: Measured): void {
  console.log(`\n${one.name}`);
  console.log(`  prefill ${spread(one.prefillPerS, 0)} tok/s; first token cold ${spread(one.coldMs, 0)} ms`);
  console.log(
    `  first token with ${one.reusedTokens.toFixed(0)} tokens reused ${spread(one.reusedMs, 1)} ms, of it not the model ${spread(one.overheadMs, 1)} ms`,
  );
  for (const [streams, perS] of Object.entries(one.decodePerS)) {
    const cpu = spread(one.cpuMsPerToken[Number(streams)] ?? [], 2);
    console.log(`  ${streams} streams: ${spread(perS, 1)} tok/s; ${cpu} ms of CPU a token`);
  }
  if (one.httpCpuMsPerToken !== undefined) {
    console.log(`  API process ${spread(one.httpCpuMsPerToken, 2)} ms of CPU a token`);
  }
}

/** Each at its best number of threads; the ratios are those of repeats made side by side. */
export function printRatios(ours: readonly Measured[], peers: readonly Measured[]): void {
  console.log('\nOurs / llama-server, each at its best');
  const more = (name: string, value: Value) => printRatio(name, value, { ours, peers, isMoreBetter: true });
  const less = (name: string, value: Value) => printRatio(name, value, { ours, peers, isMoreBetter: false });
  more('prefill', (one) => one.prefillPerS);
  for (const streams of Object.keys(ours[0]?.decodePerS ?? {}).map(Number)) {
    more(`decode, ${streams} streams`, (one) => one.decodePerS[streams] ?? []);
    less(`CPU of a token, ${streams} streams (less is better)`, (one) => one.cpuMsPerToken[streams] ?? []);
  }
  less('first token, cold (less is better)', (one) => one.coldMs);
  less('first token, reused (less is better)', (one) => one.reusedMs);
}

export function printOperations(operations: readonly Operation[], limitMs: number): void {
  console.log(`\nOperations, 95th percentile, against ${limitMs} ms (last thread count)`);
  for (const { name, p95Ms } of operations) {
    const verdict = p95Ms <= limitMs ? 'meets ' : 'misses';
    console.log(`  ${verdict} ${p95Ms.toFixed(1).padStart(8)} ms  ${name}`);
  }
}

type Value = (one: Measured) => Samples;

interface Sides {
  readonly ours: readonly Measured[];
  readonly peers: readonly Measured[];
  readonly isMoreBetter: boolean;
}

function printRatio(name: string, value: Value, { ours, peers, isMoreBetter }: Sides): void {
  const best = (all: readonly Measured[]) =>
    all.toSorted((a, b) => (median(value(b)) - median(value(a))) * (isMoreBetter ? 1 : -1))[0];
  const [our, their] = [best(ours), best(peers)];
  if (our === undefined || their === undefined) return;
  const theirs = value(their);
  const ratios = value(our).map((sample, n) => sample / (theirs[n] ?? Number.NaN));
  const threads = `${our.threads} threads against ${their.threads}`;
  console.log(`  ${spread(ratios, 2)}  ${name}, ${threads}`);
}

function spread(samples: Samples, digits: number): string {
  const [least, most] = [Math.min(...samples), Math.max(...samples)];
  return `${median(samples).toFixed(digits)} [${least.toFixed(digits)}–${most.toFixed(digits)}]`;
}
