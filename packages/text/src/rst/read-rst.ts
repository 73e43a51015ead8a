import type { TextDocument } from '@xnai/contracts';
import { DocumentWriter } from '../writer.ts';
import { readDoctest, readLineBlock, readQuote, readText, readTitle } from './blocks.ts';
import { readExplicit } from './explicit.ts';
import { inlineText } from './inline.ts';
import { isBlank } from './lines.ts';
import { readItems, readTerms } from './lists.ts';
import type { BlockReader, Nesting, Rst } from './rst.ts';
import { readTable } from './tables.ts';

/** Each block around costs some of the call stack; real texts nest some ten. */
const MAX_DEPTH = 60;
const SUBSTITUTION = /^\.\. \|([^|\n]+)\| (replace|image|unicode|date):: *(.*(?:\n +\S.*)*)/gm;
const READERS: readonly BlockReader[] = [
  readTitle,
  readExplicit,
  readTable,
  readItems,
  readTerms,
  readLineBlock,
  readDoctest,
  readQuote,
  readText,
];

/** Reads reStructuredText, with the directives and roles of Sphinx. */
export function readRst(text: string): TextDocument {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.replaceAll('\t', '        ').trimEnd());
  const rst: Rst = {
    writer: new DocumentWriter({ inline: 'code' }),
    substitutions: readSubstitutions(lines.join('\n')),
    titleMarks: [],
    title: undefined,
    itemDepth: 0,
    readBody: (body, place) => readBlocks(rst, body, place),
  };
  rst.readBody(lines, { depth: 0, isTop: true });
  const { title } = rst;
  return rst.writer.end({ ...(title !== undefined && { title }) });
}

function readBlocks(rst: Rst, lines: readonly string[], place: Nesting): void {
  if (place.depth > MAX_DEPTH) {
    rst.writer.lose('too-deep', lines.join('\n').length);
    return;
  }
  let at = 0;
  while (at < lines.length) at = isBlank(lines[at]) ? at + 1 : readBlock(rst, lines, at, place);
}

function readBlock(...block: Parameters<BlockReader>): number {
  const [, , at] = block;
  let next: number | undefined;
  for (let kind = 0; next === undefined && kind < READERS.length; kind++) next = READERS[kind]?.(...block);
  return Math.max(next ?? 0, at + 1);
}

function readSubstitutions(text: string): Map<string, string> {
  const substitutions = new Map<string, string>();
  for (const [, name = '', kind, value = ''] of text.matchAll(SUBSTITUTION)) {
    const alternative = /:alt: *(.*)/.exec(value)?.[1] ?? name;
    substitutions.set(
      name,
      kind === 'image' ? alternative : inlineText(value.replace(/\s+/g, ' '), substitutions),
    );
  }
  return substitutions;
}
