import { type AuditLine, GENESIS, parseLine } from './line.ts';

/** Where something is wrong with a chain, and what. */
export interface Finding {
  readonly kind: 'changed' | 'removed' | 'inserted' | 'reordered' | 'cut' | 'signature';
  readonly writer: string;
  /** `file:line`; undefined for what is in no file. */
  readonly at: string | undefined;
  readonly text: string;
}

/** One line of text with its place in the files of a chain. */
type Find = (kind: Finding['kind'], at: string, text: string) => void;

export interface PlacedText {
  readonly at: string;
  readonly text: string;
}

export interface PlacedLine {
  readonly at: string;
  readonly line: AuditLine;
  readonly isIntact: boolean;
}

/** The line that the next one has to follow. `hash` is undefined behind a line that cannot be read: any will do. */
interface Before {
  readonly seq: number;
  readonly hash: string | undefined;
  readonly place?: PlacedLine | undefined;
}

/**
 * Follows a chain from line to line: each must be as it was written, have the next number and name the line before.
 *
 * @param starts hashes that the first line may follow: older lines were deleted by the writer, who said so
 * @returns the lines that could be read, and each place where the chain is broken
 */
export function checkLinks(writer: string, texts: readonly PlacedText[], starts: ReadonlySet<string>) {
  const findings: Finding[] = [];
  const find = (kind: Finding['kind'], at: string, text: string) =>
    void findings.push({ kind, writer, at, text });
  const lines: (PlacedLine | undefined)[] = texts.map(({ at, text }) => {
    const parsed = parseLine(text);
    if (parsed === undefined) find('changed', at, 'this is no line of an audit chain');
    else if (!parsed.isIntact)
      find('changed', at, `line ${parsed.line.seq} was changed after it was written`);
    return parsed && { at, ...parsed };
  });
  new LinkCheck(lines, find).follow(starts);
  return { lines: lines.filter((line) => line !== undefined), findings };
}

class LinkCheck {
  readonly #lines: readonly (PlacedLine | undefined)[];
  readonly #find: Find;
  /** The last place of the line that has a number and follows a hash. */
  readonly #places = new Map<string, number>();
  /** How often a number is given. */
  readonly #counts = new Map<number, number>();
  /** Lines that stand before the one that they follow. */
  readonly #early = new Map<string, PlacedLine>();
  #before: Before = GENESIS;

  constructor(lines: readonly (PlacedLine | undefined)[], find: Find) {
    this.#lines = lines;
    this.#find = find;
    for (const [index, placed] of lines.entries()) {
      if (placed === undefined) continue;
      const { seq, prev } = placed.line;
      this.#places.set(`${seq} ${prev}`, index);
      this.#counts.set(seq, (this.#counts.get(seq) ?? 0) + 1);
    }
  }

  follow(starts: ReadonlySet<string>): void {
    const first = this.#lines[0]?.line;
    if (first !== undefined && starts.has(first.prev))
      this.#before = { seq: first.seq - 1, hash: first.prev };
    for (const [index, placed] of this.#lines.entries()) {
      this.#takeEarly();
      if (placed === undefined) this.#before = { seq: this.#before.seq + 1, hash: undefined };
      else if (this.#continues(placed)) this.#step(placed);
      else this.#explain(placed, index);
    }
  }

  /** Goes on with lines that were met before their turn. */
  #takeEarly(): void {
    for (;;) {
      const early = this.#early.get(this.#expected());
      if (early === undefined) return;
      this.#early.delete(this.#expected());
      this.#step(early);
    }
  }

  #expected(): string {
    return `${this.#before.seq + 1} ${this.#before.hash}`;
  }

  #continues({ line: { seq, prev } }: PlacedLine): boolean {
    const { seq: last, hash } = this.#before;
    return seq === last + 1 && (hash === undefined || prev === hash);
  }

  #step(placed: PlacedLine, seq = placed.line.seq): void {
    this.#before = { seq, hash: placed.line.hash, place: placed };
  }

  #explain(placed: PlacedLine, index: number): void {
    const { line, isIntact } = placed;
    const { seq: last } = this.#before;
    if ((this.#places.get(this.#expected()) ?? -1) > index) this.#misplaced(placed);
    // What it says of its number and of the line before cannot be trusted; its finding stands already.
    else if (!isIntact) this.#step(placed, last + 1);
    else if (line.seq <= last && !this.#isFork(placed)) this.#repeated(placed);
    else this.#broken(placed);
  }

  /** The line that should stand here comes later. */
  #misplaced(placed: PlacedLine): void {
    const { at, line } = placed;
    if ((this.#counts.get(line.seq) ?? 0) > 1) {
      this.#find('inserted', at, `a line with the number ${line.seq} does not belong here`);
    } else {
      this.#early.set(`${line.seq} ${line.prev}`, placed);
      this.#find('reordered', at, `line ${line.seq} stands before line ${this.#before.seq + 1}`);
    }
  }

  #repeated({ at, line }: PlacedLine): void {
    this.#find('inserted', at, `a line with the number ${line.seq} was there before`);
  }

  /** The chain goes on with this line, and not with what stands before it. */
  #broken(placed: PlacedLine): void {
    const { at, line } = placed;
    const { seq: last, place } = this.#before;
    const before = place?.at ?? at;
    if (line.seq > last + 1) {
      const missing =
        line.seq === last + 2 ? `line ${last + 1} is` : `lines ${last + 1} to ${line.seq - 1} are`;
      this.#find('removed', at, `${missing} missing before this one`);
    } else if (line.seq === last + 1) {
      this.#find('changed', before, `line ${line.seq} follows another line than this one`);
    } else {
      this.#find('inserted', before, `line ${line.seq} stands here and at ${at}, where the chain goes on`);
    }
    this.#step(placed);
  }

  /** Two lines follow the same one, and a later line follows this. */
  #isFork({ line }: PlacedLine): boolean {
    const { seq, place } = this.#before;
    return line.seq === seq && line.prev === place?.line.prev && this.#places.has(`${seq + 1} ${line.hash}`);
  }
}
