import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { commandAudit } from '@xnai/ops/audit';
import {
  createBackup,
  DrillQuestion,
  drillBackup,
  findBackup,
  listBackups,
  listUnfinished,
  openTarget,
  type Receipt,
  readBackup,
  readStackPlaces,
  recipientFault,
  restoreBackup,
  scheduleBackups,
  writeBackupMetrics,
} from '@xnai/ops/backup';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { addCommand, type Call, CommandError, type Outcome, type Session } from '../command.ts';

export function addBackup(program: Command, session: Session): void {
  const backup = program
    .command('backup')
    .description('backups of the index, the keys, the schedules, the audit and a durable Redis');
  addCreate(addCommand(backup, 'create', session, create)).description(
    'pack the stack, which may be running, into one file, and read it back',
  );
  addCreate(addCommand(backup, 'run', session, run))
    .description('make backups at an interval, until it is stopped')
    .addOption(
      new Option('--every <time>', 'from the newest backup to the next: 30m, 6h, 1d')
        .env('XNAI_BACKUP_EVERY')
        .default(86_400_000, '1d')
        .argParser(toDuration),
    )
    .addOption(
      new Option('--metrics-file <file>', 'write the age of the newest backup there, for Prometheus').env(
        'XNAI_BACKUP_METRICS_FILE',
      ),
    );
  addCommand(backup, 'list', session, list)
    .description('show backups, newest first')
    .addOption(targetOption());
  addCommand(backup, 'verify [name]', session, verify)
    .description('read a backup, the newest one by default, and compare every hash')
    .addOption(targetOption())
    .addOption(identityOption())
    .addOption(timeoutOption());
  addCommand(backup, 'restore [name]', session, restore)
    .description('put a backup, the newest one by default, in the place of this stack, which must be stopped')
    .addOption(targetOption())
    .addOption(identityOption())
    .option('--replace-stack', 'also a backup of another stack: take over its keys and its audit')
    .addOption(timeoutOption());
  addDrill(backup, session);
}

function addCreate(command: Command): Command {
  return command
    .addOption(targetOption())
    .addOption(
      new Option('--recipient <age1...>', 'encrypt for this age key; may be repeated, or several with commas')
        .env('XNAI_BACKUP_RECIPIENT')
        .argParser(collect),
    )
    .addOption(
      new Option('--keep <count>', 'newest backups of this stack that stay')
        .env('XNAI_BACKUP_KEEP')
        .default(7)
        .argParser(toCount),
    )
    .addOption(timeoutOption());
}

function addDrill(backup: Command, session: Session): void {
  addCommand(backup, 'drill [name]', session, drill)
    .description(
      'restore a backup, the newest one by default, into a second stack beside this one, and ask it',
    )
    .addOption(targetOption())
    .addOption(identityOption())
    .option('--questions <file>', 'JSON: [{"query": "…", "collection": "…", "cites": "<document id>"}]')
    .addOption(timeoutOption());
}

function targetOption(): Option {
  return new Option('--target <folder>', 'a folder, or s3://bucket/prefix')
    .env('XNAI_BACKUP_TARGET')
    .makeOptionMandatory();
}

function identityOption(): Option {
  return new Option('--identity <file>', 'the age key of an encrypted backup').env(
    'XNAI_BACKUP_IDENTITY_FILE',
  );
}

function timeoutOption(): Option {
  return new Option('--timeout <minutes>', 'give up a target that is too slow')
    .default(60)
    .argParser(toCount);
}

interface TargetOptions {
  readonly target: string;
  readonly timeout: number;
}

interface ReadOptions extends TargetOptions {
  readonly identity?: string;
}

type CreateOptions = TargetOptions & { readonly recipient?: readonly string[]; readonly keep: number };

async function create({ options, signal }: Call<CreateOptions>): Promise<Outcome> {
  const { recipient: recipients = [], keep } = options;
  const places = readStackPlaces();
  const audit = commandAudit(places.audit);
  const target = openTarget(options.target);
  const receipt = await inTime(options, signal, (limit) =>
    createBackup({ places, target, recipients, keep, audit, signal: limit }),
  );
  const notes = receipt.encrypted
    ? []
    : ['It is not encrypted, and holds the texts of all documents: --recipient encrypts.'];
  return { data: receipt, text: [toLine(receipt), ...auditNotes(receipt), ...notes].join('\n') };
}

function auditNotes({ manifest: { auditFaults = [] } }: Receipt): readonly string[] {
  if (auditFaults.length === 0) return [];
  return [
    'WARNING: the audit of this stack does not verify. The backup holds it as it is:',
    ...auditFaults.slice(0, SHOWN_FAULTS).map((fault) => `  ${fault}`),
    'xnai audit verify names every place; an older backup may hold what is missing.',
  ];
}

const SHOWN_FAULTS = 5;

type RunOptions = CreateOptions & { readonly every: number; readonly metricsFile?: string };

async function run(call: Call<RunOptions>): Promise<Outcome> {
  const { options, signal, say } = call;
  const { recipient: recipients = [], keep, every: everyMs, timeout } = options;
  const places = readStackPlaces();
  const audit = commandAudit(places.audit);
  await scheduleBackups({
    places,
    target: openTarget(options.target),
    recipients,
    keep,
    everyMs,
    timeoutMs: timeout * 60_000,
    audit,
    signal,
    onBackup: (receipt) => say(`${new Date().toISOString()} made ${toLine(receipt)}`),
    ...followFailures(call),
  });
  return { data: { stopped: true }, text: 'Stopped.' };
}

/** Says each failure, and keeps the figures of the schedule where they are asked for. */
function followFailures({ options: { metricsFile, every: everyMs }, say }: Call<RunOptions>) {
  let newestMs = 0;
  const note = (isFailing: boolean) => {
    if (metricsFile === undefined) return;
    try {
      writeBackupMetrics(metricsFile, { newestMs, everyMs, isFailing });
    } catch (error) {
      say(`The figures for Prometheus cannot be written: ${(error as Error).message}`);
    }
  };
  return {
    onNewest: (createdAtMs: number) => {
      newestMs = createdAtMs;
      note(false);
    },
    onFailure: (error: unknown) => {
      say(`${new Date().toISOString()} NO BACKUP: ${(error as Error).message}`);
      note(true);
    },
  };
}

async function list({ options, signal }: Call<TargetOptions>): Promise<Outcome> {
  const target = openTarget(options.target);
  const { backups, unreadable } = await listBackups(target, signal);
  const unfinished = await listUnfinished(target);
  const lines = [
    ...backups.map(toLine),
    ...unfinished.map((name) => `${name}  UNFINISHED: its writer is at work or was killed`),
    ...unreadable.map((name) => `${name}  CANNOT BE READ`),
  ];
  return {
    data: { backups, unfinished, unreadable },
    text: lines.join('\n') || `There is no backup in ${target.name}.`,
  };
}

async function verify({ operands: [name], options, signal }: Call<ReadOptions>): Promise<Outcome> {
  const target = openTarget(options.target);
  const identities = await readIdentities(options);
  const { receipt, manifest } = await inTime(options, signal, async (limit) => {
    const receipt = await findBackup(target, name, limit);
    return { receipt, manifest: await readBackup(receipt, { target, identities, signal: limit }) };
  });
  return { data: manifest, text: `${toLine(receipt)}\nAll ${manifest.files.length} files are whole.` };
}

type RestoreOptions = ReadOptions & { readonly replaceStack?: true };

async function restore({ operands: [name], options, signal }: Call<RestoreOptions>): Promise<Outcome> {
  const { replaceStack = false } = options;
  const places = readStackPlaces();
  const target = openTarget(options.target);
  const identities = await readIdentities(options);
  const result = await inTime(options, signal, async (limit) => {
    const receipt = await findBackup(target, name, limit);
    const done = await restoreBackup(receipt, {
      places,
      target,
      identities,
      replaceStack,
      audit: commandAudit(places.audit),
      signal: limit,
    });
    return { backup: receipt.name, ...done };
  });
  const lines = [
    `Restored from ${result.backup}: ${result.restored.join(', ')}.`,
    ...(result.kept.length === 0 ? [] : [`Kept as they are: ${result.kept.join(', ')}.`]),
    ...result.movedAside.map((path) => `Moved aside: ${path}`),
    'Start the stack to use it.',
  ];
  return { data: result, text: lines.join('\n') };
}

async function drill({
  operands: [name],
  options,
  signal,
}: Call<ReadOptions & { questions?: string }>): Promise<Outcome> {
  const places = readStackPlaces();
  const target = openTarget(options.target);
  const [identities, questions] = [await readIdentities(options), await readQuestions(options.questions)];
  const audit = commandAudit(places.audit);
  const report = await inTime(options, signal, async (limit) => {
    const receipt = await findBackup(target, name, limit);
    await audit.record({ what: 'backup.drill', of: { backup: receipt.name } });
    return drillBackup(receipt, { target, identities, questions, workFolder: tmpdir(), signal: limit });
  });
  const isPassed = report.checks.every((check) => check.isPassed);
  const lines = report.checks.map(
    (check) => `${check.isPassed ? 'passed' : 'FAILED'}  ${check.name}: ${check.detail}`,
  );
  const times = `Restored in ${seconds(report.restoreMs)}, answering ${seconds(report.startMs)} later.`;
  return { data: report, text: [report.backup, ...lines, times].join('\n'), code: isPassed ? 0 : 1 };
}

async function readQuestions(file: string | undefined): Promise<readonly DrillQuestion[]> {
  if (file === undefined) return [];
  try {
    return z.array(DrillQuestion).parse(JSON.parse(await readFile(resolve(file), 'utf8')));
  } catch (cause) {
    throw new CommandError(`${file} is no list of questions: ${(cause as Error).message}`, { cause });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function inTime<Result>(
  { timeout }: TargetOptions,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = AbortSignal.timeout(timeout * 60_000);
  try {
    return await work(AbortSignal.any([signal, late]));
  } catch (error) {
    if (late.aborted)
      throw new CommandError(`Given up after ${timeout} minutes: the target is too slow (--timeout).`);
    if (signal.aborted) throw new CommandError('Stopped. Nothing was left behind.');
    throw error;
  }
}

async function readIdentities({ identity }: ReadOptions): Promise<readonly string[]> {
  if (identity === undefined) return [];
  const text = await readFile(resolve(identity), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`The age key ${identity} cannot be read (${cause.code})`, { cause });
  });
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function toLine({
  name,
  bytes,
  encrypted,
  manifest: { version, index, schedules, auditFaults = [] },
}: Receipt): string {
  const counts = `${index.collections} collections, ${index.documents} documents of ${index.takenAt}`;
  return [
    name,
    `${(bytes / 1e6).toFixed(1)} MB`,
    `version ${version}`,
    counts,
    schedules === undefined ? 'NO SCHEDULES: made before backups held them' : `${schedules} schedules`,
    encrypted ? 'encrypted' : 'not encrypted',
    ...(auditFaults.length === 0 ? [] : ['ITS AUDIT DOES NOT VERIFY']),
  ].join('  ');
}

function toCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  const recipients = text.split(',').filter((one) => one !== '');
  const fault = recipients.map(recipientFault).find((one) => one !== undefined);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  return [...before, ...recipients];
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function toDuration(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Expected a duration such as 30m, 6h or 1d.');
  return Number(count) * (UNITS[unit] ?? 0);
}
