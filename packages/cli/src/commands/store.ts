import { type Moved, type MoveProgress, runMove } from '@xnai/ops/move';
import { env, readConfig } from '@xnai/service';
import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand, type Call, type Outcome, type Session, UsageError } from '../command.ts';

interface MigrateOptions {
  readonly from?: string;
  readonly to?: string;
  readonly fromPasswordFile?: string;
  readonly toPasswordFile?: string;
  readonly replace?: true;
}

export function addStore(program: Command, session: Session): void {
  const store = program.command('store').description('where documents and their index are kept');
  addCommand<MigrateOptions>(store, 'migrate', session, migrate)
    .description('bring all documents of one store to another, and compare each by its hash')
    .option('--from <store>', `${FORMS}; rag may use it meanwhile`)
    .option('--to <store>', `${FORMS}; rag must not use it`)
    .option('--from-password-file <file>', PASSWORD)
    .option('--to-password-file <file>', PASSWORD)
    .option('--replace', 'make the target equal to the source, whatever it holds');
}

const FORMS = 'sqlite:PATH or postgres://USER@HOST:PORT/DATABASE';

const PASSWORD = 'a file with the password of that PostgreSQL; else RAG_STORE_PASSWORD, or its _FILE';

/** The password of both, or the file that `RAG_STORE_PASSWORD_FILE` names. */
const Variables = z.object({ RAG_STORE_PASSWORD: env.secret().optional() });

async function migrate({ options, terminal, signal }: Call<MigrateOptions>): Promise<Outcome> {
  const { from, to, replace = false } = options;
  if (from === undefined || to === undefined) throw new UsageError('Both --from and --to are needed.');
  const onProgress = (progress: MoveProgress) => terminal.status(progressText(progress));
  try {
    const { RAG_STORE_PASSWORD: password } = readConfig(Variables);
    const { fromPasswordFile, toPasswordFile } = options;
    const passwordFiles = { from: fromPasswordFile, to: toPasswordFile };
    const moved = await runMove({ from, to, passwordFiles, password, replace, signal, onProgress });
    return { data: moved, text: movedText(moved), code: moved.isWhole ? 0 : 1 };
  } finally {
    terminal.status(undefined);
  }
}

function progressText({ step, pass, done, documents }: MoveProgress): string {
  const work = pass === 1 ? 'brought' : 'compared';
  return step === 'vectors'
    ? `vectors of ${done} documents`
    : `${done} of ${documents} documents ${work}${pass > 1 ? ` (pass ${pass})` : ''}`;
}

function movedText(moved: Moved): string {
  const { documents, chunks, copied, deleted, passes, vectors, isWhole, differed } = moved;
  const gone = deleted === 0 ? '' : `, ${deleted} deleted`;
  const verdict = isWhole
    ? 'Each document is in the target with the same hash, and the counts are equal.'
    : `The target is not equal to the source: it still changed in the last pass${
        differed.length > 0 ? ` (${differed.join(', ')})` : ''
      }. Stop what writes to the source, and give the same command again.`;
  return [
    `${documents} documents with ${chunks} chunks are in the target: ${copied} brought${gone}, in ${passes} passes.`,
    verdict,
    ...vectors.map(vectorsText),
  ].join('\n');
}

function vectorsText({ model, embedded, pending }: Moved['vectors'][number]): string {
  const left = pending === 0 ? '' : `; rag embeds the other ${pending} once it runs on the target`;
  return `Vectors of ${model}: ${embedded} chunks have theirs${left}.`;
}
