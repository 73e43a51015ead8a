import { collectionsText } from '@xnai/mcp/texts';
import type { Command } from 'commander';
import { addCommand, type Call, type Outcome, type Session } from '../command.ts';
import { openStack } from '../stack.ts';

export function addCollections(program: Command, session: Session): void {
  addCommand(program, 'collections', session, list).description('show the collections of documents');
}

async function list({ signal }: Call<object>): Promise<Outcome> {
  const { rag } = await openStack();
  const collections = await Array.fromAsync(rag.everyCollection({ signal }));
  return { data: { collections }, text: collectionsText({ collections, next_cursor: null }) };
}
