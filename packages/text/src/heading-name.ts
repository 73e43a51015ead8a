import type { TextDocument } from '@xnai/contracts';
import { plainName } from './inline/plain-text.ts';

/** What the first heading says, without marks; with `level`, the first of that level. Undefined where there is none. */
export function headingName(
  { blocks, text, inline }: Pick<TextDocument, 'blocks' | 'text' | 'inline'>,
  level?: number,
): string | undefined {
  for (const block of blocks) {
    if (block.kind !== 'heading' || (level !== undefined && block.level !== level)) continue;
    const name = plainName(inline, text.slice(block.bodyStart, block.bodyEnd));
    if (name !== '') return name;
  }
  return undefined;
}
