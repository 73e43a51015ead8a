import type { TextDocument } from '@xnai/contracts';
import { threadTask } from '@xnai/service/thread-task';
import { chunkDocument } from '@xnai/text/chunk';
import { type Reading, readingOf } from '../blocks/reading.ts';
import { type WithoutTexts, withoutTexts } from '../blocks/without-texts.ts';
import type { Delivered } from './check-delivered.ts';
import { readText, type TextSource } from './read-text.ts';

export interface ParseReply extends WithoutTexts<Reading> {
  readonly title: string | undefined;
}

export type DeliverReply = ParseReply & Omit<Delivered, 'document'>;

export const parse = threadTask(
  async (source: TextSource): Promise<ParseReply> => replyOf(await readText(source)),
);

/** Cuts what another reader has read. */
export const cut = threadTask((document: TextDocument): ParseReply => replyOf(document));

/** Checks the JSON of a delivered document; its text is not parsed again. */
export const deliver = threadTask(async (body: Uint8Array): Promise<DeliverReply> => {
  // The schemas of the contracts take longer to load than most documents to read.
  const { checkDelivered } = await import('./check-delivered.ts');
  const { document, ...about } = checkDelivered(body);
  return { ...replyOf(document), ...about };
});

function replyOf(document: TextDocument): ParseReply {
  return { ...withoutTexts(readingOf(document, chunkDocument(document))), title: document.title };
}
