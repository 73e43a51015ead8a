import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

/** What a PromQL expression reads: every series that it selects, and every label that it groups or joins by. */
export function readPromql(expr: string): {
  readonly selectors: readonly Selector[];
  readonly grouping: readonly string[];
} {
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to, node, type }) {
      const text = expr.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expr}`);
      if (name === 'VectorSelector')
        selectors.push({ metric: /^[\w:]+/.exec(text)?.[0] ?? '', matchers: [] });
      if (name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(text) ?? [];
        selectors.at(-1)?.matchers.push({ label, operator, value });
      }
      if (name === 'LabelName' && node.parent?.name === 'GroupingLabels') grouping.push(text);
    },
  });
  return { selectors, grouping };
}

/** Whether labels are as a matcher demands; a label that is not there is empty. */
export function matches(labels: Readonly<Record<string, string>>, matcher: Matcher): boolean {
  const value = labels[matcher.label] ?? '';
  const isEqual = matcher.operator.endsWith('~')
    ? new RegExp(`^(?:${matcher.value})$`).test(value)
    : value === matcher.value;
  return matcher.operator.startsWith('!') ? !isEqual : isEqual;
}

export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The samples of a page in the text format of Prometheus, as those of one job. */
export function parseSamples(text: string, job: string): readonly Sample[] {
  return [...text.matchAll(/^([a-zA-Z_]\w*)(?:\{(.*)\})? \S+$/gm)].map(([, metric = '', inside = '']) => ({
    metric,
    labels: {
      job,
      instance: job,
      ...Object.fromEntries(
        [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]),
      ),
    },
  }));
}
