import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { startSite, type TestSite, waitUntil } from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ALERT_CASES } from './monitoring/alert-cases.ts';
import { putLoadOn } from './monitoring/load.ts';
import { type Monitoring, openMonitoring, writeSecrets } from './monitoring/open-monitoring.ts';
import { hasOwnShare, runProgram, unpackPrograms } from './monitoring/programs.ts';
import { writePromtoolFile } from './monitoring/promtool-file.ts';
import {
  folder as configuration,
  panelExpressions,
  readDashboards,
  readRules,
  ruleExpressions,
} from './monitoring/read-expressions.ts';
import { type Matcher, matches, parseSamples, readPromql, type Sample } from './monitoring/selectors.ts';
import { SMALL_SITE } from './support/small-site.ts';
import { all, type Stack, startStack } from './support/stack.ts';

/** Of other programs; the real ones are asked below. */
const FOREIGN = /^(up|ALERTS|redis_.*|node_.*|alertmanager_.*|backup_.*)$/;
/** Of the target, or made by a rule. */
const OF_PROMETHEUS = ['job', 'instance', 'operation'];

const programs = unpackPrograms();
const hasAlertmanager = programs !== undefined && hasOwnShare();
if (programs !== undefined && !hasAlertmanager)
  console.warn('SKIPPED: alerts are not delivered, because this system refuses user namespaces');
const TARGETS = hasAlertmanager ? 6 : 5;
let folder: string;
let site: TestSite;
let stack: Stack;
let samples: readonly Sample[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-monitoring-test-'));
  site = await startSite({ ...SMALL_SITE });
  const snapshots = { RAG_SNAPSHOT_DIR: join(folder, 'snapshots') };
  stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin, ...snapshots } });
  await putLoadOn(stack, site);
  samples = [
    ...parseSamples(await stack.api.metrics(stack.ragUrl), 'rag'),
    ...parseSamples(await stack.api.metrics(stack.crawlerUrl), 'crawler'),
  ];
}, 120_000);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  for (const path of [folder, programs])
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(all(stack));
});

describe('rules and dashboards', () => {
  const recorded = new Set(readRules('recording').map(({ record }) => record));
  const expressions = [...ruleExpressions(), ...panelExpressions()];

  it('read metrics and labels that the services have', () => {
    const missing = expressions.flatMap(({ where, expr }) => {
      const { selectors, grouping } = readPromql(expr);
      expect(selectors.length, where).toBeGreaterThan(0);
      const own = selectors.filter(({ metric }) => !FOREIGN.test(metric) && !recorded.has(metric));
      const unknown = own.flatMap(({ metric, matchers }) => {
        const of = samples.filter((sample) => sample.metric === metric);
        if (of.length === 0) return `${metric} (${where})`;
        return matchers
          .filter(({ label }) => !of.some(({ labels }) => label in labels))
          .map(({ label }) => `${metric}{${label}} (${where})`)
          .concat(
            of.some(({ labels }) => isSelected(labels, matchers)) ? [] : `no ${metric} in ${where}: ${expr}`,
          );
      });
      if (own.length < selectors.length) return unknown;
      const labels = new Set(own.flatMap(({ metric }) => labelsOf(metric)));
      const groups = grouping.filter((label) => !labels.has(label) && !OF_PROMETHEUS.includes(label));
      return [...unknown, ...groups.map((label) => `by ${label} (${where})`)];
    });
    expect(missing).toEqual([]);
  });

  it('are in order: panels with a source, a title and no namesake; alerts with a severity and a line in the docs', () => {
    const dashboards = readDashboards();
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual(
      ['ask', 'breakers', 'crawl', 'memory', 'overview'].map((name) => `xnai-${name}`),
    );
    for (const { panels } of dashboards) {
      expect(panels.every(({ datasource }) => datasource.uid === 'prometheus')).toBe(true);
      const titles = panels.map(({ title }) => title);
      expect(titles).toEqual([...new Set(titles)]);
    }
    const alerts = readRules('alerts');
    expect(alerts.map(({ labels }) => labels?.['severity'])).toEqual(
      alerts.map(() => expect.stringMatching(/^(critical|warning|info)$/)),
    );
    expect(alerts.map(({ alert }) => alert).sort()).toEqual(Object.keys(ALERT_CASES).sort());
    const docs = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8');
    for (const { alert, labels } of alerts)
      expect(docs).toContain(`| \`${alert}\` | ${labels?.['severity']} | `);
  });

  function isSelected(labels: Sample['labels'], matchers: readonly Matcher[]): boolean {
    // A failure of the server is not made here.
    const made = matchers.filter(({ value }) => value !== '5..');
    return made.every((matcher) => matches(labels, matcher));
  }

  function labelsOf(metric: string): readonly string[] {
    return samples.filter((sample) => sample.metric === metric).flatMap(({ labels }) => Object.keys(labels));
  }
});

describe.skipIf(programs === undefined)("with Debian's own Prometheus", { timeout: 180_000 }, () => {
  const debian = programs ?? '';

  it('every alert fires in its case, and not in the case beside it', () => {
    const tested = runProgram(debian, 'promtool', [
      'test',
      'rules',
      writePromtoolFile(join(folder, 'rules')),
    ]);
    expect(tested, tested.output).toMatchObject({ code: 0 });
  });

  it('the configuration is accepted, with a webhook and without', () => {
    const rules = ['recording', 'alerts'].map((name) => join(configuration, `prometheus/${name}.yaml`));
    const checked = runProgram(debian, 'promtool', ['check', 'rules', ...rules]);
    expect(checked, checked.output).toMatchObject({ code: 0 });
    for (const [name, url] of [
      ['with', 'https://example.org/a?b=c#%7B"'],
      ['without', ''],
    ] as const) {
      writeSecrets(join(folder, name), url);
      const file = join(folder, name, 'alertmanager/alertmanager.yaml');
      const config = runProgram(debian, 'amtool', ['check-config', file]);
      expect(config, config.output).toMatchObject({ code: 0 });
      expect(config.output).toContain(`${url === '' ? 1 : 2} receivers`);
    }
  });

  describe('beside a stack', () => {
    let receiver: TestSite;
    let monitoring: Monitoring;
    /** Names of the alerts that came to the webhook; those of the rules may be among them. */
    const delivered: (string | undefined)[] = [];

    beforeAll(async () => {
      receiver = await startSite({
        '/alerts': async (request, response) => {
          const { alerts } = (await json(request)) as { alerts: readonly Pick<Sample, 'labels'>[] };
          delivered.push(...alerts.map(({ labels }) => labels['alertname']));
          response.end();
        },
      });
      monitoring = await openMonitoring(debian, stack, `${receiver.origin}/alerts`);
      let up: unknown;
      const areUp = async () => {
        const found = await monitoring.query('up == 1').catch(() => []);
        up = found.map(({ metric }) => metric['job']);
        return found.length === TARGETS;
      };
      const describe = () => `${JSON.stringify(up)}\n${monitoring.output()}`;
      await waitUntil('all targets are scraped', areUp, { timeoutMs: 60_000, pollMs: 250, describe });
      await putLoadOn(stack, site);
    }, 180_000);
    afterAll(async () => {
      await monitoring?.[Symbol.asyncDispose]();
      await receiver?.[Symbol.asyncDispose]();
    });

    it('every query of every panel gives series, and every label of a legend has a value', async () => {
      const wrong = async () => {
        const found = panelExpressions().map(async ({ where, expr, legend }) => {
          const series = await monitoring.query(expr.replaceAll('/var/lib/xnai-metrics', '/'));
          const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
          const isNamed = series.some(({ metric }) => labels.every((label) => metric[label] !== undefined));
          return isNamed ? [] : [`${where}: ${expr}`];
        });
        return (await Promise.all(found)).flat();
      };
      await expect.poll(wrong, { timeout: 120_000, interval: 1000 }).toEqual([]);
    });

    it.skipIf(!hasAlertmanager)(
      'an alert comes to the webhook, and one that only informs does not',
      async () => {
        // The one that shall not come is the first, so that it would have come when the other one has.
        for (const severity of ['info', 'critical']) {
          const { status } = await fetch(`${monitoring.alertmanagerUrl}/api/v2/alerts`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify([{ labels: { alertname: `a test, ${severity}`, severity } }]),
          });
          expect(status).toBe(200);
        }
        const hasCome = () => delivered.includes('a test, critical');
        await waitUntil('the webhook is called', hasCome, { timeoutMs: 90_000 });
        expect(delivered).not.toContain('a test, info');
      },
    );
  });
});
