import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { atLeast, atMost, type BenchReport, type Row } from './report.ts';
import { MANUALS, type Manual, pagesOf } from './text/manuals.ts';
import { type MeasuredPage, measurePage } from './text/measure-page.ts';

/**
 * How well the main content of manuals is found, with and without their hints: `--manuals FOLDER`, into which the Debian
 * packages of `text/manuals.ts` were extracted (`dpkg-deb -x`).
 */
export async function runTextBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { manuals: { type: 'string' } } });
  if (values.manuals === undefined) throw new Error('text needs --manuals FOLDER');
  const root = values.manuals;
  const pages: (MeasuredPage & { readonly generator: string; readonly page: string })[] = [];
  for (const manual of MANUALS) pages.push(...(await measureManual(manual, root)));
  if (pages.length === 0) throw new Error(`no pages of the packages lie in ${root}`);
  const byGenerator = MANUALS.map(({ generator }) => {
    const f1 = pages.filter((page) => page.generator === generator).map((page) => page.withHints.f1);
    return {
      what: `F1, ${generator}, ${f1.length} pages`,
      value: mean(f1),
      unit: '',
      least: Math.min(...f1),
      most: Math.max(...f1),
    };
  });
  const rows: Row[] = [
    ...byGenerator.filter(({ value }) => !Number.isNaN(value)),
    atLeast('F1 with hints, all', mean(pages.map(({ withHints }) => withHints.f1)), '', 0.97),
    atMost('pages under 0.8 with hints', countLow(pages.map(({ withHints }) => withHints.f1)), 'pages', 1),
    atLeast('F1 without hints, all', mean(pages.map(({ withoutHints }) => withoutHints.f1)), '', 0.955),
    atMost(
      'pages under 0.8 without hints',
      countLow(pages.map(({ withoutHints }) => withoutHints.f1)),
      'pages',
      5,
    ),
    atMost(
      'words neither in the text nor counted as left out',
      pages.reduce((sum, { unexplained }) => sum + unexplained, 0),
      'words',
      1,
    ),
    { what: 'CPU a page', value: mean(pages.map(({ cpuMs }) => cpuMs)), unit: 'ms' },
  ];
  return { name: `text: ${pages.length} pages of ${byGenerator.length} manuals`, rows, raw: pages };
}

async function measureManual(manual: Manual, root: string) {
  const pages = [];
  for (const file of pagesOf(manual, root)) {
    const measured = measurePage(await readFile(file, 'utf8'), manual.main);
    if (measured !== undefined)
      pages.push({ generator: manual.generator, page: basename(file), ...measured });
  }
  return pages;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function countLow(values: readonly number[]): number {
  return values.filter((value) => value < 0.8).length;
}
