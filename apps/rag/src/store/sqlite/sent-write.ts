import { type WithoutTexts, withoutTexts, withTexts } from '../../blocks/without-texts.ts';
import type { NewDocument } from '../store.ts';
import type { Write } from './write.ts';

/** A write as it goes to the thread that writes: the chunks of its document have no texts. */
export type SentWrite = Sent<Write>;

type Sent<One> = One extends { readonly document: infer Doc extends NewDocument }
  ? Omit<One, 'document'> & { readonly document: WithoutTexts<Doc> }
  : One;

export function toSent(write: Write): SentWrite {
  return 'document' in write ? ({ ...write, document: withoutTexts(write.document) } as SentWrite) : write;
}

export function fromSent(write: SentWrite): Write {
  return 'document' in write ? ({ ...write, document: withTexts(write.document) } as Write) : write;
}
