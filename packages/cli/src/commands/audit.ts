import { checkPromises, openHost, root, type Verdict } from '@xnai/ops';
import {
  ACTS,
  type AuditLine,
  type ChainSummary,
  fitsFilter,
  isOfKind,
  type KnownHead,
  readActs,
  readAuditPlaces,
  verifyAudit,
} from '@xnai/ops/audit';
import { listBackups, openTarget } from '@xnai/ops/backup';
import { fingerprintOf, readSigningKey } from '@xnai/secrets';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommand, type Call, CommandError, type Outcome, type Session, UsageError } from '../command.ts';

export function addAudit(program: Command, session: Session): void {
  const audit = program.command('audit').description('the record of security-relevant acts');
  addCommand(audit, 'verify', session, verify)
    .description('find lines that were changed, removed, inserted or reordered, and chains that were cut')
    .addOption(
      new Option('--head <writer:seq:hash...>', 'also look for lines that a log or /metrics names').argParser(
        toHeads,
      ),
    )
    .addOption(
      new Option('--backups <target>', 'also look for lines that backups know').env('XNAI_BACKUP_TARGET'),
    );
  addCommand(audit, 'show', session, show)
    .description('show acts, oldest first')
    .addOption(new Option('--since <time>', 'a date, or a duration such as 2h or 7d').argParser(toDate))
    .option('--by <name>', 'of a key (name or id) or a user')
    .option('--what <act>', 'document.delete, or all of a kind: document');
  addCommand(audit, 'check', session, check).description(
    'compare the running stack with what SECURITY.md promises, and show the evidence',
  );
}

const WORDS = { fail: 'FAIL', unknown: '?', pass: 'pass' };

async function check(): Promise<Outcome> {
  const verdicts = await checkPromises(openHost(), root);
  const lines = verdicts.map(
    ({ promise, result, evidence }) => `${WORDS[result].padEnd(5)} ${promise}\n      ${evidence}`,
  );
  const count = (result: Verdict['result']) => verdicts.filter((verdict) => verdict.result === result).length;
  lines.push(`${count('pass')} kept, ${count('fail')} broken, ${count('unknown')} not known`);
  return { data: { verdicts }, text: lines.join('\n'), code: count('fail') > 0 ? 1 : 0 };
}

type VerifyOptions = { head?: readonly KnownHead[]; backups?: string };

async function verify({ options: { head = [], backups }, signal }: Call<VerifyOptions>): Promise<Outcome> {
  const { folder, keyFile } = readAuditPlaces();
  const key = await readSigningKey(keyFile).catch((cause: unknown) => {
    throw new CommandError(`The key that signs the audit cannot be read: ${keyFile}`, { cause });
  });
  const named = backups === undefined ? [] : await headsInBackups(backups, fingerprintOf(key), signal);
  const report = await verifyAudit(folder, { key, known: [...head, ...named] });
  const lines = [
    ...report.chains.map(toSummary),
    ...report.findings.map(({ kind, writer, at, text }) => `${kind.toUpperCase()}  ${at ?? writer}  ${text}`),
  ];
  const isEmpty = report.chains.length === 0;
  if (isEmpty) lines.push(noChain(folder));
  else if (report.findings.length === 0) lines.push('Every line is as it was written.');
  return { data: report, text: lines.join('\n'), code: isEmpty || report.findings.length > 0 ? 1 : 0 };
}

function toSummary({ writer, lines, checkpoints, head, since, until }: ChainSummary): string {
  if (lines === 0) return `${writer}  no lines`;
  const facts = [
    `${lines} lines`,
    `${checkpoints} checkpoints`,
    `${since} to ${until}`,
    `head ${head.seq}:${head.hash}`,
  ];
  return [writer, ...facts].join('  ');
}

function noChain(folder: string): string {
  return `There is no audit in ${folder}.`;
}

/** What the backups of this stack know of its chains. */
async function headsInBackups(
  place: string,
  stack: string,
  signal: AbortSignal,
): Promise<readonly KnownHead[]> {
  const { backups } = await listBackups(openTarget(place), signal);
  const own = backups.filter(({ manifest }) => manifest.stack === stack);
  return own.flatMap(({ name, manifest }) =>
    Object.entries(manifest.audit).map(([writer, head]) => ({ writer, ...head, from: `the backup ${name}` })),
  );
}

type ShowOptions = { since?: Date; by?: string; what?: string };

async function show({ options }: Call<ShowOptions>): Promise<Outcome> {
  const { folder } = readAuditPlaces();
  const all = await readActs(folder);
  if (all.length === 0) throw new CommandError(noChain(folder));
  const acts = all.filter((line) => fitsFilter(line, options));
  if (acts.length === 0) requireKnownAct(options.what, all);
  return { data: acts, text: acts.map(toText).join('\n') || `No such acts in ${folder}.` };
}

/** @throws {UsageError} when there is no act of this name */
function requireKnownAct(what: string | undefined, recorded: readonly AuditLine[]): void {
  const names = [...new Set([...ACTS, ...recorded.map((line) => line.what)])].sort();
  if (what === undefined || names.some((name) => isOfKind(name, what))) return;
  throw new UsageError(`There is no act ${what}. There are: ${names.join(', ')}`);
}

function toText({ at, writer, seq, what, by, from, of, request }: AuditLine): string {
  const facts = Object.entries(headsOf(of) ?? of ?? {}).map(([name, value]) => `${name}=${toWord(value)}`);
  const source = [by, from === undefined ? undefined : `from ${from}`].filter(Boolean).join(' ');
  const where = request === undefined ? '' : `  (request ${request})`;
  return `${at}  ${writer} ${seq}  ${what}  ${source}  ${facts.join(' ')}${where}`;
}

/** Of a checkpoint: how far each chain was. The rest is for verify. */
function headsOf(of: AuditLine['of']): Readonly<Record<string, number>> | undefined {
  const heads = of?.['heads'] as Readonly<Record<string, { seq: number }>> | undefined;
  return heads && Object.fromEntries(Object.entries(heads).map(([writer, { seq }]) => [writer, seq]));
}

function toWord(value: unknown): string {
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function toDate(text: string): Date {
  const [, count, unit = ''] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const date =
    count === undefined ? new Date(text) : new Date(Date.now() - Number(count) * (UNITS[unit] ?? 0));
  if (Number.isNaN(date.getTime()))
    throw new InvalidArgumentError(
      'Expected a date such as 2026-11-27, or a duration such as 30m, 2h or 7d.',
    );
  return date;
}

function toHeads(text: string, before: readonly KnownHead[] = []): readonly KnownHead[] {
  const [, writer, seq, hash] = /^([a-z-]+):(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (writer === undefined || hash === undefined)
    throw new InvalidArgumentError('Expected writer:seq:hash, with a hash of 64 hex digits.');
  return [...before, { writer, seq: Number(seq), hash, from: '--head' }];
}
