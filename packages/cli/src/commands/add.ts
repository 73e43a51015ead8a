import { ContentType } from '@xnai/contracts';
import { type Command, Option } from 'commander';
import { type Added, addFiles, documentOf, sha256 } from '../add/add-files.ts';
import { findFiles } from '../add/find-files.ts';
import { readBytes } from '../add/read-bytes.ts';
import { addCommand, type Call, CommandError, type Outcome, type Session, UsageError } from '../command.ts';
import { openStack } from '../stack.ts';
import { collectionOption, described } from './options.ts';

interface AddCommandOptions {
  readonly collection: string;
  readonly title?: string;
  readonly type: string;
}

type AddCall = Call<AddCommandOptions>;

export function addAdd(program: Command, session: Session): void {
  described(
    addCommand(program, 'add <paths...>', session, add),
    'index files and folders; - is standard input',
    collectionOption(),
    new Option('--title <text>', 'of standard input'),
    new Option('--type <media type>', 'of standard input')
      .choices([...ContentType.options])
      .default('text/markdown'),
  );
}

async function add(call: AddCall): Promise<Outcome> {
  const { operands, options } = call;
  if (operands.includes('-')) {
    if (operands.length === 1) return addInput(call);
    throw new UsageError('Standard input (-) stands alone.');
  }
  const { files, leftOut } = await findFiles(operands);
  const added = await addAll(call, files);
  const failed = added.filter(({ status }) => status === 'failed');
  const count = (wanted: Added['status']) => added.filter(({ status }) => status === wanted).length;
  const counts = { indexed: count('indexed'), unchanged: count('unchanged'), failed: failed.length };
  const notes = [
    ...failed.map(({ name, error }) => `FAILED  ${name}: ${error}`),
    `${Object.entries(counts)
      .map(([status, number]) => `${status} ${number}`)
      .join(', ')} in the collection "${options.collection}"`,
    ...(leftOut.length === 0 ? [] : [`Left out, as their types are not read: ${few(leftOut)}`]),
  ];
  return {
    data: { collection: options.collection, ...counts, files: added, leftOut },
    text: notes.join('\n'),
    code: failed.length > 0 ? 1 : 0,
  };
}

async function addAll({ options, terminal, signal }: AddCall, files: Parameters<typeof addFiles>[1]) {
  const { rag } = await openStack();
  try {
    return await addFiles(rag, files, {
      collection: options.collection,
      signal,
      onAdded: ({ name }, done) =>
        terminal.status(`${bar(done, files.length)} ${done} of ${files.length}  ${name}`),
    });
  } catch (error) {
    if (signal.aborted) throw new CommandError('Stopped. The next add sends only what is missing.');
    throw error;
  } finally {
    terminal.status(undefined);
  }
}

const BAR_CHARS = 20;

function bar(done: number, all: number): string {
  return `[${'#'.repeat(Math.floor((done / all) * BAR_CHARS)).padEnd(BAR_CHARS)}]`;
}

const SHOWN = 5;

function few(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more (--json names all)` : ''}`;
}

async function addInput({ options: { collection, title, type }, signal }: AddCall): Promise<Outcome> {
  const { rag } = await openStack();
  const bytes = await readBytes(process.stdin);
  const about = title === undefined ? {} : { title };
  const id = sha256(bytes).slice(0, 32);
  const result = await rag.putDocument(collection, id, { ...documentOf(bytes, type), ...about }, { signal });
  return { data: result, text: `${result.status}: document ${result.id} in the collection "${collection}"` };
}
