import type { QueryResponse } from '@xnai/contracts';
import type { CallOptions, RagClient } from '@xnai/contracts/client';
import { answerNotes, resultsText } from '@xnai/mcp/texts';
import type { Command } from 'commander';
import { addCommand, type Call, CommandError, type Outcome, type Session } from '../command.ts';
import { openStack } from '../stack.ts';
import { collectionOption, countOption, described } from './options.ts';

export function addAsk(program: Command, session: Session): void {
  described(
    addCommand(program, 'ask <question...>', session, ask),
    'answer a question from the documents, with its sources',
    collectionOption(),
  );
}

export function addSearch(program: Command, session: Session): void {
  described(
    addCommand(program, 'search <words...>', session, search),
    'show the passages that speak to a question',
    collectionOption(),
    countOption('-n, --top <count>', 'of passages').default(5),
  );
}

async function ask(call: Call<{ collection: string }>): Promise<Outcome> {
  const { operands, options, isJson, terminal, signal } = call;
  const { rag } = await openStack();
  const body = { query: operands.join(' '), collection: options.collection };
  if (isJson) return { data: await rag.query(body, { signal }), text: '' };
  const response = await stream(rag, body, { signal, write: terminal.write });
  return { data: response, text: `\n\n${answerNotes(response)}`.trimEnd() };
}

interface StreamOptions extends CallOptions {
  readonly write: (text: string) => void;
}

/** Writes the answer as it comes, each sentence once it has been checked. */
async function stream(
  rag: RagClient,
  body: Parameters<RagClient['query']>[0],
  { write, ...options }: StreamOptions,
): Promise<QueryResponse> {
  let written = '';
  for await (const { event, data } of rag.queryStream(body, options)) {
    if (event === 'token') {
      write(data.text);
      written += data.text;
    }
    if (event === 'done') {
      if (written === '') write(data.answer);
      return data;
    }
  }
  throw new CommandError('The answer broke off.');
}

async function search({
  operands,
  options,
  signal,
}: Call<{ collection: string; top: number }>): Promise<Outcome> {
  const { rag } = await openStack();
  const { collection, top } = options;
  const found = await rag.search({ query: operands.join(' '), collection, top_k: top }, { signal });
  return { data: found, text: resultsText(found) };
}
