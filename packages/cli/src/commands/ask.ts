import type { Filter, QueryResponse } from '@xnai/contracts';
import type { CallOptions, RagClient } from '@xnai/contracts/client';
import { answerNotes, resultsText } from '@xnai/mcp/texts';
import { type Command, Option } from 'commander';
import { addCommand, type Call, CommandError, type Outcome, type Session } from '../command.ts';
import { openStack } from '../stack.ts';
import { collectionOption, countOption, described, filterOption } from './options.ts';

export function addAsk(program: Command, session: Session): void {
  described(
    addCommand(program, 'ask <question...>', session, ask),
    'answer a question from the documents, with its sources',
    collectionOption(),
    filterOption(),
    new Option('--fresh', 'make a new answer, where one is kept from the same question before'),
  );
}

export function addSearch(program: Command, session: Session): void {
  described(
    addCommand(program, 'search <words...>', session, search),
    'show the passages that speak to a question',
    collectionOption(),
    filterOption(),
    countOption('-n, --top <count>', 'of passages').default(5),
  );
}

interface Where {
  readonly collection: string;
  readonly filter?: Filter;
}

async function ask(call: Call<Where & { readonly fresh?: true }>): Promise<Outcome> {
  const { operands, options, isJson, terminal, signal } = call;
  const { rag } = await openStack();
  const body = { query: operands.join(' '), ...whereOf(options) };
  const asking = { signal, isFresh: options.fresh };
  if (isJson) return { data: await rag.query(body, asking), text: '' };
  const response = await stream(rag, body, { ...asking, write: terminal.write });
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
}: Call<Where & { readonly top: number }>): Promise<Outcome> {
  const { rag } = await openStack();
  const body = { query: operands.join(' '), ...whereOf(options), top_k: options.top };
  const found = await rag.search(body, { signal });
  return { data: found, text: resultsText(found) };
}

function whereOf({ collection, filter }: Where): Where {
  return { collection, ...(filter !== undefined && { filter }) };
}
