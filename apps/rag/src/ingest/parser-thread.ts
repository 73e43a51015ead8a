import type { ContentType } from '@xnai/contracts';
import { threadTask } from '@xnai/service/thread-task';
import { type ParsedDocument, parseDocument } from '@xnai/text/parse-document';

interface ParseRequest {
  readonly content: string;
  readonly contentType: ContentType;
}

/** A parsed document without the texts of its chunks: they are slices of `text`, and cheaper cut than carried. */
export interface ParseReply extends Omit<ParsedDocument, 'chunks'> {
  readonly chunks: readonly Omit<ParsedDocument['chunks'][number], 'text'>[];
}

export const parse = threadTask(({ content, contentType }: ParseRequest): ParseReply => {
  const { text, title, chunks } = parseDocument(content, contentType);
  return { text, title, chunks: chunks.map(({ text: _, ...rest }) => rest) };
});
