import type { TextDocument } from '@xnai/contracts';
import { clean } from '../stored-form.ts';

/** Source code or configuration: one block of code, letter by letter as in the file. */
export function readSource(text: string, language?: string): TextDocument {
  const body = clean(text);
  const [start, end] = [body.length - body.trimStart().length, body.trimEnd().length];
  const bodyStart = body.lastIndexOf('\n', start) + 1;
  const block = {
    kind: 'code',
    start: bodyStart,
    end,
    bodyStart,
    bodyEnd: end,
    section: -1,
    parent: -1,
  } as const;
  return {
    text: body,
    inline: 'none',
    blocks: end > bodyStart ? [{ ...block, ...(language !== undefined && { language }) }] : [],
    tables: [],
    anchors: {},
    losses: [],
  };
}
