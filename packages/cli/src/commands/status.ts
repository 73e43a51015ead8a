import { openHost, readStatus, root, type ServiceStatus } from '@xnai/ops';
import type { Command } from 'commander';
import { addCommand, type Outcome, type Session } from '../command.ts';

export function addStatus(program: Command, session: Session): void {
  addCommand(program, 'status', session, status).description(
    'show whether the services are up, and what they lack',
  );
}

async function status(): Promise<Outcome> {
  const found = await readStatus(openHost(), root);
  const containers = found.containers.map(
    ({ service, state, health }) =>
      `${`container ${service}`.padEnd(18)}  ${[state, health].filter(Boolean).join(', ')}`,
  );
  const isUp = found.services.every(
    ({ status: one }) => one === 'ready' || one === 'starting' || one === 'degraded',
  );
  return { data: found, text: [...found.services.map(toText), ...containers].join('\n'), code: isUp ? 0 : 1 };
}

const MEANINGS: Readonly<Record<string, string>> = {
  stopped: 'not running',
  foreign: 'another program answers there',
  silent: 'something listens there and does not answer',
};

function toText({ name, url, status: state, readiness }: ServiceStatus): string {
  const title = `${name.padEnd(8)}  ${MEANINGS[state] ?? state}  ${url}`;
  const lines = Object.entries(readiness?.checks ?? {}).map(([check, { status: result, detail }]) => {
    return `  ${check.padEnd(16)}  ${result.padEnd(8)}  ${told(detail)}`.trimEnd();
  });
  const advice = (readiness?.advice ?? []).flatMap(({ text, command }) => [
    `  advice: ${text}`,
    `    $ ${command}`,
  ]);
  return [title, ...lines, ...advice].join('\n');
}

/** Details with parts have a summary of them; the parts are in `--json`. */
function told(detail: string | Readonly<Record<string, unknown>> | undefined): string {
  if (typeof detail === 'string' || detail === undefined) return detail ?? '';
  return String(detail['summary'] ?? JSON.stringify(detail));
}
