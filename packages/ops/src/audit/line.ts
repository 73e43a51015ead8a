import { createHash } from 'node:crypto';
import type { Act } from '@xnai/service';

/** A place in a chain: a line and everything before it. */
export interface Head {
  /** Number of the line in its chain, from 1; 0 before the first. */
  readonly seq: number;
  /** SHA-256 of the line, in hex. */
  readonly hash: string;
}

/** One act as it is kept. The last two members bind it to all lines before. */
export interface AuditLine extends Head, Act {
  readonly writer: string;
  /** ISO 8601. */
  readonly at: string;
  /** Hash of the line before. */
  readonly prev: string;
}

/** What the first line of a chain follows. */
export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64) };

const HASH_MEMBER = /,"hash":"([0-9a-f]{64})"\}$/;

/** The text of a line without its end of line: JSON whose last member is the SHA-256 of all text before that member. */
export function renderLine(act: Act, { writer, at, seq, prev }: Omit<AuditLine, 'hash' | keyof Act>) {
  const { what, by, from, request, of } = act;
  const body = JSON.stringify({ seq, at, writer, what, by, from, request, of, prev }).slice(0, -1);
  const hash = hashOf(body);
  return { text: `${body},"hash":"${hash}"}`, head: { seq, hash } };
}

/** What a line says, whether its hash is right or not; undefined for text that has not the form of a line. */
export function parseLine(
  text: string,
): { readonly line: AuditLine; readonly isIntact: boolean } | undefined {
  const match = HASH_MEMBER.exec(text);
  if (match === null) return undefined;
  try {
    const line = JSON.parse(text) as AuditLine;
    return hasForm(line) ? { line, isIntact: hashOf(text.slice(0, match.index)) === match[1] } : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A line that somebody edited may hold anything. */
function hasForm({ seq, writer, what, at, prev, by, from, request, of }: AuditLine): boolean {
  return (
    Number.isSafeInteger(seq) &&
    [writer, what, at, prev].every(isText) &&
    [by, from, request].every((text) => text === undefined || isText(text)) &&
    (of === undefined || (typeof of === 'object' && of !== null && !Array.isArray(of)))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
