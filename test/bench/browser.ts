import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atLeast, type BenchReport, quantile } from './report.ts';

interface Run {
  readonly pages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** The browser tier against Crawlee's, on the same single-page app with the same browser and settings, by turns. */
export async function runBrowserBench(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pages: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '5' },
      concurrency: { type: 'string', default: '3' },
    },
  });
  const pages = Number(values.pages);
  await using site = await start('./browser/site.ts', []);
  const origin = site.message as string;
  const runs: { readonly ours: Run; readonly raw: Run }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const plan = [origin, values.pages, values.concurrency];
    // By turns, and each as often first as second: a machine gets slower or faster while it works.
    const order = round % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const);
    const done: Partial<Record<'ours' | 'raw', Run>> = {};
    for (const arm of order) done[arm] = await runArm([arm, ...plan], pages);
    runs.push(done as Required<typeof done>);
  }
  return toReport(
    runs,
    `browser: ${pages} pages of an app, ${values.concurrency} at a time, ${values.rounds} rounds`,
  );
}

async function runArm(args: readonly string[], pages: number): Promise<Run> {
  await using arm = await start('./browser/arm.ts', args);
  const run = arm.message as Run;
  if (run.pages !== pages) throw new Error(`${args[0]} had the text of ${run.pages} pages of ${pages}`);
  return run;
}

async function start(script: string, args: readonly string[]) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...args]);
  const exited = once(child, 'exit');
  const failed = exited.then(([code, signal]) => {
    throw new Error(`a process of the bench ended early (${code ?? signal})`);
  });
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [unknown];
  failed.catch(() => {});
  return {
    message,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

function toReport(runs: readonly { readonly ours: Run; readonly raw: Run }[], name: string): BenchReport {
  const middle = (figure: (run: { readonly ours: Run; readonly raw: Run }) => number) =>
    quantile(runs.map(figure), 0.5);
  const spread = (figure: (run: { readonly ours: Run; readonly raw: Run }) => number) => {
    const figures = runs.map(figure);
    return [Math.min(...figures), Math.max(...figures)] as const;
  };
  const rate = ({ pages, seconds }: Run) => pages / seconds;
  const cpu = ({ pages, cpuSeconds }: Run) => cpuSeconds / pages;
  return {
    name,
    rows: [
      {
        what: 'ours: egress proxy, caps, snapshot',
        value: middle(({ ours }) => rate(ours)),
        unit: 'pages/s',
      },
      { what: '@crawlee/playwright', value: middle(({ raw }) => rate(raw)), unit: 'pages/s' },
      atLeast(
        'ours / Crawlee, middle round',
        middle(({ ours, raw }) => rate(ours) / rate(raw)),
        '',
        0.9,
      ),
      {
        what: 'ours / Crawlee, lowest round',
        value: spread(({ ours, raw }) => rate(ours) / rate(raw))[0],
        unit: '',
      },
      {
        what: 'ours / Crawlee, highest round',
        value: spread(({ ours, raw }) => rate(ours) / rate(raw))[1],
        unit: '',
      },
      { what: 'ours, CPU', value: middle(({ ours }) => cpu(ours)), unit: 's a page' },
      { what: 'Crawlee, CPU', value: middle(({ raw }) => cpu(raw)), unit: 's a page' },
      {
        what: 'ours, memory of all processes, highest',
        value: middle(({ ours }) => ours.peakMb),
        unit: 'MiB',
      },
      {
        what: 'Crawlee, memory of all processes, highest',
        value: middle(({ raw }) => raw.peakMb),
        unit: 'MiB',
      },
    ],
    raw: { runs },
  };
}
