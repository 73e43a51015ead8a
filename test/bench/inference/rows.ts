import { atLeast, atMost, type Row } from '../report.ts';
import { type Measured, median, type Samples } from './measure.ts';
import type { Operation } from './operations.ts';

/** What one server did with one number of threads. */
export function rowsOf(one: Measured): readonly Row[] {
  const row = (what: string, samples: Samples, unit: string) =>
    withSpread({ what: `${one.name}: ${what}`, value: median(samples), unit }, samples);
  return [
    row('prompt', one.prefillPerS, 'tok/s'),
    row('first token, nothing kept', one.coldMs, 'ms'),
    row(`first token, ${one.reusedTokens.toFixed(0)} tokens kept`, one.reusedMs, 'ms'),
    row('of it not the model', one.overheadMs, 'ms'),
    ...Object.entries(one.decodePerS).map(([streams, perS]) => row(`${streams} streams`, perS, 'tok/s')),
    ...Object.entries(one.cpuMsPerToken).map(([streams, ms]) =>
      row(`CPU a token, ${streams} streams`, ms, 'ms'),
    ),
    ...(one.httpCpuMsPerToken === undefined
      ? []
      : [row('CPU a token, HTTP alone', one.httpCpuMsPerToken, 'ms')]),
  ];
}

/** Ours at its best number of threads, against what it should be; beside the peer at its best where there is one. */
export function verdictsOf(
  ours: readonly Measured[],
  peers: readonly Measured[],
  kind: 'cpu' | 'gpu',
): readonly Row[] {
  const least = LEAST_OF_PEER[kind];
  const more = (what: string, value: Value, aim: number) =>
    ratioRow(what, { ours, peers, value, isMoreBetter: true }, aim);
  const less = (what: string, value: Value, aim: number) =>
    ratioRow(what, { ours, peers, value, isMoreBetter: false }, aim);
  const own = (what: string, value: Value, aim: number) => ownRow(what, { ours, value }, aim);
  const streams = Object.keys(ours[0]?.decodePerS ?? {}).map(Number);
  return [
    ...more('prompt', (one) => one.prefillPerS, least.one),
    ...streams.flatMap((count) =>
      more(`${count} streams`, (one) => one.decodePerS[count] ?? [], count === 1 ? least.one : least.many),
    ),
    ...(kind === 'gpu' ? streams.flatMap((count) => spreadRow(ours, count)) : []),
    ...[...ours, ...peers].map(({ name, firstToLater }) =>
      atMost(`${name}: first request / later ones`, firstToLater, 'x', MOST_OF_LATER),
    ),
    ...less('first token after a kept beginning', (one) => one.reusedMs, MOST_OF_PEER),
    ...own('HTTP and IPC around a request', (one) => one.overheadMs, MOST_MS.request),
    ...own('CPU a token, HTTP alone', (one) => one.httpCpuMsPerToken ?? [], MOST_MS.token),
  ];
}

/** What a person waits for, with the last number of threads. */
export function operationRows(operations: readonly Operation[]): readonly Row[] {
  return operations.map(({ name, p95Ms }) => atMost(`${name}, p95`, p95Ms, 'ms', MOST_MS.operation));
}

/** Of the peer's tokens per second. */
const LEAST_OF_PEER = { cpu: { one: 0.95, many: 0.85 }, gpu: { one: 0.95, many: 1 } };
/** Of the median, between the slowest and the fastest repeat. */
const MOST_SPREAD = 0.15;
const MOST_OF_LATER = 1.3;
/** Of the peer's time. */
const MOST_OF_PEER = 1.1;
const MOST_MS = { operation: 300, request: 3, token: 0.4 };

type Value = (one: Measured) => Samples;

interface Comparison {
  readonly ours: readonly Measured[];
  readonly peers: readonly Measured[];
  readonly value: Value;
  readonly isMoreBetter: boolean;
}

/** The ratios are those of repeats made side by side. */
function ratioRow(
  name: string,
  { ours, peers, value, isMoreBetter }: Comparison,
  aim: number,
): readonly Row[] {
  const [our, their] = [bestOf(ours, value, isMoreBetter), bestOf(peers, value, isMoreBetter)];
  if (our === undefined || their === undefined) return [];
  const theirs = value(their);
  const ratios = value(our).map((sample, n) => sample / (theirs[n] ?? Number.NaN));
  const what = `ours / peer: ${name}, ${our.threads} threads / ${their.threads}`;
  const judge = isMoreBetter ? atLeast : atMost;
  return [withSpread(judge(what, median(ratios), 'x', aim), ratios)];
}

function spreadRow(ours: readonly Measured[], count: number): readonly Row[] {
  const value: Value = (one) => one.decodePerS[count] ?? [];
  const our = bestOf(ours, value, true);
  if (our === undefined) return [];
  const samples = value(our);
  const spread = (Math.max(...samples) - Math.min(...samples)) / median(samples);
  return [atMost(`ours: spread of ${count} streams`, spread, 'x', MOST_SPREAD)];
}

function ownRow(
  name: string,
  { ours, value }: Pick<Comparison, 'ours' | 'value'>,
  aim: number,
): readonly Row[] {
  const our = bestOf(ours, value, false);
  if (our === undefined) return [];
  return [
    withSpread(atMost(`ours: ${name}, ${our.threads} threads`, median(value(our)), 'ms', aim), value(our)),
  ];
}

function bestOf(all: readonly Measured[], value: Value, isMoreBetter: boolean): Measured | undefined {
  return all.toSorted((a, b) => (median(value(b)) - median(value(a))) * (isMoreBetter ? 1 : -1))[0];
}

function withSpread(row: Row, samples: Samples): Row {
  return { ...row, least: Math.min(...samples), most: Math.max(...samples) };
}
