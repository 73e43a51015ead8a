import type { XmlElement } from '../container/parse-xml.ts';
import type { LossRule } from '../loss-rule.ts';
import type { OfficeRun } from './office-writer.ts';

/** What a paragraph holds. */
export interface Inline {
  readonly runs: OfficeRun[];
  /** Contents of text boxes that are anchored here. */
  readonly boxes: XmlElement[];
  /** What is said in place of pictures. */
  readonly descriptions: string[];
  /** Text that is left out, by rule. */
  readonly losses: { readonly rule: LossRule; readonly text: string }[];
}

export function emptyInline(): Inline {
  return { runs: [], boxes: [], descriptions: [], losses: [] };
}
