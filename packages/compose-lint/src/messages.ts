import type { Finding } from './finding.ts';
import { type Level, levelOf } from './levels.ts';
import { type Located, nearest, type Place } from './located.ts';

export interface Message extends Place {
  readonly rule: string;
  readonly level: Level;
  readonly text: string;
}

/** What is wrong in the same way with several services is said once; all advice for the same services is one line. */
export function toMessages(root: Located, findings: readonly Finding[]): readonly Message[] {
  const groups = Map.groupBy(findings, ({ rule, message, cure }) => [rule, message, cure].join('\n'));
  const lines = Map.groupBy([...groups.entries()], ([key, group]) =>
    levelOf(group[0]?.rule ?? '') === 'advice' ? servicesOf(group) : key,
  );
  return [...lines.values()].map((line) => {
    const all = line.flatMap(([, group]) => group);
    const [first] = all as [Finding];
    const { file, line: number } = first.place ?? nearest(root, first.path);
    const texts = new Set(all.map(({ message, cure }) => `${message}; ${cure}`));
    const text = `${servicesOf(all)}: ${[...texts].join('. Also: ')}`;
    return { file, line: number, rule: first.rule, level: levelOf(first.rule), text };
  });
}

function servicesOf(group: readonly Finding[]): string {
  const names = group.map(({ path, item }) => [path[1], ...(item === undefined ? [] : [item])].join(' '));
  return [...new Set(names)].join(', ');
}
