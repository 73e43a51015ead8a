import { type Item, openHost, type Plan, planReclaim, type Removable, reclaim, root } from '@xnai/ops';
import type { Command } from 'commander';
import { addCommand, type Call, type Outcome, type Session } from '../command.ts';

interface ReclaimOptions {
  readonly yes?: true;
  readonly data?: true;
  readonly buildCache?: true;
}

export function addReclaim(program: Command, session: Session): void {
  addCommand(program, 'reclaim', session, run)
    .description('show, or remove, what this stack no longer needs: old images, containers and files')
    .option('--yes', 'remove it; without this option, nothing is removed')
    .option(
      '--data',
      'also what may hold data: volumes that nothing uses, and what a restore has moved aside',
    )
    .option('--build-cache', 'also the build cache and images without a label, which other projects share');
}

async function run({ options }: Call<ReclaimOptions>): Promise<Outcome> {
  const host = openHost();
  const plan = await planReclaim(host, root);
  const chosen = [
    ...plan.own,
    ...(options.data ? plan.data : []),
    ...(options.buildCache ? plan.shared : []),
  ];
  if (!options.yes)
    return { data: { ...shown(plan), wouldFree: sum(chosen) }, text: renderPlan(plan, chosen) };
  const result = await reclaim(host, chosen);
  const freed = result.freeAfter - result.freeBefore;
  const lines = [
    ...result.removed.map((item) => `removed  ${toLine(item)}`),
    ...result.kept.map((item) => `kept     ${toLine(item)}\n         ${item.failure}`),
    ...plan.notes,
    `The disk had ${megabytes(result.freeBefore)} free before, and has ${megabytes(result.freeAfter)} now: ${megabytes(freed)} more.`,
  ];
  return {
    data: { ...result, notes: plan.notes },
    text: lines.join('\n'),
    code: result.kept.length > 0 ? 1 : 0,
  };
}

function renderPlan(plan: Plan, chosen: readonly Item[]): string {
  const part = (title: string, items: readonly Item[]) =>
    items.length === 0
      ? []
      : [title, ...items.map((item) => `  ${toLine(item)}\n             $ ${short(item.command)}`)];
  const rest = (items: readonly Item[]) => items.filter((item) => !chosen.includes(item));
  return [
    ...part('Not needed any more:', chosen),
    ...part('May hold data, and is removed with --data only:', rest(plan.data)),
    ...part('Not of this stack alone, and removed with --build-cache only:', rest(plan.shared)),
    ...plan.notes,
    chosen.length === 0
      ? 'Nothing to remove.'
      : `${megabytes(sum(chosen))} would be free. Nothing was removed: --yes does it.`,
  ].join('\n');
}

function toLine({ kind, name, bytes, why }: Item): string {
  return `${(bytes === undefined ? '?' : megabytes(bytes)).padStart(9)}  ${kind} ${name}: ${why}`;
}

function sum(items: readonly Item[]): number {
  return items.reduce((total, { bytes }) => total + (bytes ?? 0), 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}

/** Without the functions that remove. */
function shown({ own, data, shared, notes }: Plan) {
  const items = (list: readonly Removable[]) => list.map(({ remove: _, ...item }) => item);
  return { own: items(own), data: items(data), shared: items(shared), notes };
}

const WIDTH = 140;

/** The names of a hundred images are in `--json`. */
function short(command: string): string {
  return command.length <= WIDTH ? command : `${command.slice(0, WIDTH)} …`;
}
