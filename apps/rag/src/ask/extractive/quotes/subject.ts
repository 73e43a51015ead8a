import type { Evidence, EvidenceStatement } from '../evidence.ts';
import { leans } from './quote-span.ts';

/** What a quote is about and does not name itself: the label over it, or its heading. */
export function subjectOf(evidence: Evidence, entry: EvidenceStatement): string | undefined {
  const { statement, lead } = entry;
  if (statement.kind === 'row') return subjectOfRow(evidence, entry);
  const isNamed = lead.text !== '' && !lead.text.endsWith(':');
  return isNamed ? lead.text : leans(entry) ? headingOf(evidence) : undefined;
}

/** Where heading or title hold a word of the question that the row does not: tables of one page are often alike. */
function subjectOfRow(evidence: Evidence, { own, lead }: EvidenceStatement): string | undefined {
  const { heading, title } = evidence;
  const isAsked = [heading, title].some(({ held }) =>
    held.some((value, at) => value > Math.max(own.held[at] ?? 0, lead.held[at] ?? 0)),
  );
  return isAsked ? headingOf(evidence) : undefined;
}

/** Headings that every page has, so that they are no subject. */
const GENERIC =
  /^(?:name|synopsis|description|options|examples?|notes?|overview|introduction|usage|summary|details|discussion|remarks|background|see also|parameters|properties|settings|specifications?|technical data)$/i;

function headingOf({ found: { chunk } }: Evidence): string | undefined {
  const heading = chunk.heading.at(-1);
  return heading === undefined || GENERIC.test(heading.trim()) ? chunk.title : heading;
}
