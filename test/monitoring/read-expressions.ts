import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const folder = fileURLToPath(new URL('../../containers/monitoring/', import.meta.url));

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A query, where it stands, and what names its series. */
export interface Expression {
  readonly where: string;
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

export function readRules(name: 'recording' | 'alerts'): readonly Rule[] {
  const file = parse(readFileSync(join(folder, `prometheus/${name}.yaml`), 'utf8'));
  return (file.groups as readonly { readonly rules: readonly Rule[] }[]).flatMap(({ rules }) => rules);
}

export function readDashboards(): readonly Dashboard[] {
  const path = join(folder, 'grafana/dashboards');
  return readdirSync(path).map((name) => JSON.parse(readFileSync(join(path, name), 'utf8')));
}

export function panelExpressions(): readonly Expression[] {
  return readDashboards().flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      panel.targets.map(({ expr, legendFormat }) => ({
        where: `${title}: ${panel.title}`,
        expr,
        legend: legendFormat,
      })),
    ),
  );
}

export function ruleExpressions(): readonly Expression[] {
  return [...readRules('recording'), ...readRules('alerts')].map((rule) => ({
    where: rule.alert ?? rule.record ?? '',
    expr: rule.expr,
    legend: Object.values(rule.annotations ?? {}).join(' '),
  }));
}
