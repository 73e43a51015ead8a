import {
  listModelFiles,
  listUnfinishedFiles,
  pullModels,
  readModelFolder,
  removeModelFile,
  verifyModelFiles,
} from '@xnai/inference/model-folder';
import { root } from '@xnai/ops';
import type { Command } from 'commander';
import { addCommand, type Call, CommandError, type Outcome, type Session, UsageError } from '../command.ts';

export function addModels(program: Command, session: Session): void {
  const models = program.command('models').description('model files: fetch, list, verify and remove them');
  addCommand(models, 'list', session, list).description('show all files, those of unfinished fetches too');
  addCommand(models, 'pull [model]', session, pull)
    .description(
      'fetch hf:user/name[:QUANT] or s3://bucket/key.gguf; without a name, the models that the configuration names',
    )
    .option('--wait', 'try again after growing pauses until the files are there');
  addCommand(models, 'verify', session, verify).description('read every file and compare its hash');
  addCommand(models, 'rm <name>', session, remove).description(
    'remove a file, by its name as list prints it',
  );
}

async function list(): Promise<Outcome> {
  const folder = readModelFolder({ root });
  const [models, unfinished] = [await listModelFiles(folder), await listUnfinishedFiles(folder)];
  const lines = [
    ...models.map(({ name, bytes, license, source }) => [
      name,
      gigabytes(bytes),
      license ?? 'licence not stated',
      source,
    ]),
    ...unfinished.map(({ name, bytes }) => [name, gigabytes(bytes), 'unfinished']),
  ];
  const text = lines.map((words) => words.join('  ')).join('\n');
  return { data: { models, unfinished }, text: text || `No models in ${folder.directory}.` };
}

async function pull(call: Call<{ wait?: boolean }>): Promise<Outcome> {
  const {
    operands: [model],
    options,
    say,
    signal,
  } = call;
  try {
    const isWaiting = options.wait ?? false;
    const pulled = await pullModels(model, readModelFolder({ root }), { isWaiting, say, signal });
    const lines = pulled.map(({ source, file, failure }) =>
      file === undefined ? `${source}: ${failure}` : `${file} is there.`,
    );
    return {
      data: pulled,
      text: lines.join('\n') || 'No model of a hub or an object store is configured: nothing to fetch.',
      code: pulled.some(({ failure }) => failure !== undefined) ? 1 : 0,
    };
  } catch (error) {
    if (signal.aborted) throw new CommandError('Stopped. The next pull continues from here.');
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

async function verify(): Promise<Outcome> {
  const folder = readModelFolder({ root });
  const verdicts = await verifyModelFiles(folder);
  const lines = verdicts.map(({ name, isIntact }) => `${isIntact ? 'intact ' : 'DAMAGED'}  ${name}`);
  const isWhole = verdicts.length > 0 && verdicts.every(({ isIntact }) => isIntact);
  return {
    data: verdicts,
    text: lines.join('\n') || `No models in ${folder.directory}: nothing was verified.`,
    code: isWhole ? 0 : 1,
  };
}

async function remove({ operands: [wanted = ''] }: Call<object>): Promise<Outcome> {
  const folder = readModelFolder({ root });
  const name = await removeModelFile(wanted, folder);
  if (name === undefined) throw new CommandError(`There is no ${wanted} in ${folder.directory}.`);
  return { data: { removed: name }, text: `Removed ${name}.` };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
