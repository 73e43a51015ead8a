import type { NamedThing } from '../../question/named-things.ts';
import { parentOf } from '../../text/passage.ts';
import type { StatementPlace } from '../evidence.ts';
import { leans } from '../quotes/quote-span.ts';
import { isEntry } from '../quotes/siblings.ts';

export interface HeldByName<S> {
  /** The statements that hold what the question names, in their order. */
  readonly statements: readonly S[];
  /** What no statement holds. */
  readonly missing: readonly string[];
}

/**
 * Keeps the statements that hold the things named, themselves or in their subject: their lead, their heading, their
 * title, the entry that they are part of, or the sentence that they lean on. Where none holds all of them, those that hold some are kept, as each half
 * of a comparison does.
 */
export function holdNamed<S extends StatementPlace>(
  things: readonly NamedThing[],
  statements: readonly S[],
): HeldByName<S> {
  if (things.length === 0) return { statements, missing: [] };
  const counted = statements.map((statement) => {
    const place = placeOf(statement);
    return { statement, held: things.filter((thing) => isIn(thing, place)) };
  });
  const found = new Set(counted.flatMap(({ held }) => held));
  const missing = things.filter((thing) => !found.has(thing)).map(({ name }) => name);
  const most = Math.max(0, ...counted.map(({ held }) => held.length));
  const least = most === things.length ? most : 1;
  const holding = counted.filter(({ held }) => held.length >= least).map(({ statement }) => statement);
  return { statements: withoutMentions(things, holding), missing };
}

/** Where one entry has the thing as its term, another one that mentions it is about something else. */
function withoutMentions<S extends StatementPlace>(
  things: readonly NamedThing[],
  statements: readonly S[],
): readonly S[] {
  const termOf = ({ entry }: S) => comparable(entry.lead.text);
  const isTerm = (term: string) => things.some((thing) => isIn(thing, { text: term, headings: '' }));
  if (!statements.some((statement) => isDefinition(statement) && isTerm(termOf(statement))))
    return statements;
  return statements.filter((statement) => !isDefinition(statement) || isTerm(termOf(statement)));
}

function isDefinition({ evidence: { passage }, entry }: StatementPlace): boolean {
  const block = passage.blocks[entry.statement.block];
  const holder = block && parentOf(passage, block);
  return block?.kind === 'definition' || holder?.kind === 'definition';
}

/** A statement with its subject, and the headings above it. */
interface CheckedText {
  readonly text: string;
  readonly headings: string;
}

function isIn({ name, ways }: NamedThing, { text, headings }: CheckedText): boolean {
  return (
    ways.some((way) => way.every((spelling) => spelling.test(text))) || headings.includes(name.toLowerCase())
  );
}

/** The number of a heading is no number of what it is about. */
const HEADING_NUMBER = /^(?:\p{L}+\s+)?\d+(?:\.\d+)*[.:]?\s+/u;

function placeOf({ evidence, entry, position }: StatementPlace): CheckedText {
  const { chunk } = evidence.found;
  const block = evidence.passage.blocks[entry.statement.block];
  const before = evidence.statements[position - 1];
  const headings = [...chunk.heading, chunk.title ?? ''];
  const parts = [
    entry.own.text,
    entry.lead.text,
    isEntry(block) ? chunk.text.slice(block.start, block.end) : '',
    leans(entry) && before?.statement.block === entry.statement.block ? before.own.text : '',
    ...headings.map((heading) => heading.replace(HEADING_NUMBER, '')),
  ];
  return { text: comparable(parts.join('\n')), headings: comparable(headings.join('\n')).toLowerCase() };
}

/** Without Markdown's backslashes and soft hyphens, with plain dashes and half-width letters and digits. */
function comparable(text: string): string {
  return text
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\u00ad|\u200b/g, '')
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}
