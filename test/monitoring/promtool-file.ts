import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ALERT_CASES, type Series } from './alert-cases.ts';
import { type Rule, readRules } from './read-expressions.ts';

/**
 * Writes the rules without their annotations, whose texts `promtool test rules` would compare, and a test of the cases of
 * each alert: it fires, and its neighbour does not.
 *
 * @returns the file for `promtool test rules`
 */
export function writePromtoolFile(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ['recording', 'alerts'] as const) {
    const rules = readRules(name).map(({ annotations: _, ...rule }): Rule => rule);
    writeFileSync(join(folder, `${name}.yaml`), stringify({ groups: [{ name, rules }] }));
  }
  const severities = new Map(readRules('alerts').map(({ alert, labels }) => [alert, labels?.['severity']]));
  const tests = Object.entries(ALERT_CASES).flatMap(([alert, { at, neighbour, ...ways }]) => {
    const fires = [ways, ...(ways.also === undefined ? [] : [ways.also])].map(({ series, labels }) =>
      testOf(alert, at, series, [{ exp_labels: { ...labels, severity: severities.get(alert) } }]),
    );
    return [...fires, testOf(alert, at, neighbour, [])];
  });
  const file = join(folder, 'test.yaml');
  const evaluation = { rule_files: ['recording.yaml', 'alerts.yaml'], evaluation_interval: '1m' };
  writeFileSync(file, stringify({ ...evaluation, tests }, { aliasDuplicateObjects: false }));
  return file;
}

function testOf(alertname: string, at: string, series: Series, alerts: readonly object[]) {
  return {
    name: `${alertname} ${alerts.length === 0 ? 'does not fire' : 'fires'}`,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname, exp_alerts: alerts }],
  };
}
