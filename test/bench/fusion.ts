import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readEvalSet } from './eval/beir.ts';
import { mean } from './eval/metrics.ts';
import { fillSet } from './fusion/filled-set.ts';
import { SHAPES } from './fusion/made-up-leg.ts';
import { type LegReport, measureLeg } from './fusion/measure-leg.ts';
import { atLeast, type BenchReport, type Row } from './report.ts';

/** The most nDCG@10 that hybrid search may lie below the better leg. */
const MOST_BELOW = 0.01;

/**
 * Lexical search fused with made-up dense legs, from useless to near-perfect, over sets in the layout of BEIR:
 * `--sets FOLDER,...`. Each leg is weighed as in the product, by how often it finds the documents of the set.
 */
export async function runFusionBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { sets: { type: 'string' } } });
  if (values.sets === undefined) throw new Error('fusion needs --sets FOLDER,...');
  const reports: LegReport[] = [];
  for (const folder of values.sets.split(',')) {
    const set = await fillSet(basename(folder), await readEvalSet(resolve(folder)));
    console.log(`\n${set.name}: ${set.queries.length} queries, ${set.checked.length} known chunks\n${HEAD}`);
    for (const shape of SHAPES) {
      const report = measureLeg(set, shape);
      reports.push(report);
      console.log(lineOf(report));
    }
  }
  return {
    name: `fusion: ${SHAPES.length} made-up legs, nDCG@10`,
    rows: Object.values(Object.groupBy(reports, ({ set }) => set)).flatMap((of) => rowsOf(of ?? [])),
    raw: reports,
  };
}

const HEAD = [
  'leg'.padEnd(16),
  ...[
    'lexical',
    'leg',
    'RRF',
    '0.3',
    'hybrid',
    '- best',
    'recall',
    'weight',
    '  found by words, leg, both',
  ].map((name) => name.padStart(8)),
].join('');

function lineOf({
  leg,
  lexical,
  dense,
  ranks,
  atStart,
  hybrid,
  recall,
  weight,
  hitRates,
}: LegReport): string {
  const figures = [lexical, dense, ranks, atStart, hybrid, below(hybrid, lexical, dense), recall];
  return [
    leg.padEnd(16),
    ...figures.map((figure) => figure.toFixed(3).padStart(8)),
    weight.toFixed(2).padStart(8),
    ...[hitRates.lexical, hitRates.dense, hitRates.hybrid].map((rate) => rate.toFixed(3).padStart(8)),
  ].join('');
}

function below(figure: number, lexical: number, dense: number): number {
  return figure - Math.max(lexical, dense);
}

function rowsOf(reports: readonly LegReport[]): readonly Row[] {
  const set = reports[0]?.set ?? '';
  const against = (name: 'hybrid' | 'ranks' | 'atStart') =>
    reports.map((report) => below(report[name], report.lexical, report.dense));
  const worst = (name: Parameters<typeof against>[0]) => Math.min(...against(name));
  return [
    atLeast(`${set}, worst against the better leg`, worst('hybrid'), '', -MOST_BELOW),
    { what: `${set}, mean against the better leg`, value: mean(against('hybrid')), unit: '' },
    { what: `${set}, worst with the weight of the start`, value: worst('atStart'), unit: '' },
    { what: `${set}, worst with RRF`, value: worst('ranks'), unit: '' },
    { what: `${set}, mean with RRF`, value: mean(against('ranks')), unit: '' },
  ];
}
