import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { fingerprintOf } from '@xnai/secrets';
import { PRUNE } from './chain.ts';
import { listChainFiles, listWriters, readLines } from './chain-files.ts';
import { checkLinks, type Finding, type PlacedLine } from './check-links.ts';
import { type Checkpoint, checkpointOf, isSignedBy } from './checkpoint.ts';
import { GENESIS, type Head, parseLine } from './line.ts';

export interface VerifyOptions {
  readonly key: KeyObject;
  /** Heads that are known from a log, from `/metrics` or from a backup. */
  readonly known?: readonly KnownHead[];
}

export interface KnownHead extends Head {
  readonly writer: string;
  /** Where it is known from. */
  readonly from: string;
}

export interface ChainSummary {
  readonly writer: string;
  readonly files: number;
  readonly lines: number;
  readonly checkpoints: number;
  readonly head: Head;
  /** ISO 8601, of the first and the last line. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/**
 * Verifies all chains of an audit folder: each line by its hash and by the line before, the checkpoints by their
 * signatures, and each chain by the heads that the checkpoints of all chains name, so that a cut end is found.
 */
export async function verifyAudit(folder: string, { key, known = [] }: VerifyOptions) {
  // Heads first: while the chains are read one after another, a checkpoint may name a line behind what was read.
  const earlier = await readChains(folder);
  const heads = [...known, ...earlier.flatMap(({ lines }) => lines.flatMap(headsNamedIn))];
  const chains = await readChains(folder);
  const findings = [
    ...chains.flatMap((chain) => [...chain.findings, ...checkSignatures(chain.lines, key)]),
    ...checkHeads(chains, heads),
  ];
  return { chains: chains.map(summarise), findings };
}

async function readChains(folder: string): Promise<readonly ReadChain[]> {
  const writers = await listWriters(folder);
  return Promise.all(writers.map((writer) => readChain(folder, writer)));
}

interface ReadChain {
  readonly writer: string;
  readonly files: number;
  readonly lines: readonly PlacedLine[];
  readonly findings: readonly Finding[];
}

async function readChain(folder: string, writer: string): Promise<ReadChain> {
  const files = await listChainFiles(join(folder, writer));
  const texts = await Promise.all(
    files.map(async (file) => {
      const { lines } = await readLines(file);
      return lines.map((text, index) => ({ at: `${writer}/${file.name}:${index + 1}`, text }));
    }),
  );
  const all = texts.flat();
  // Older files were deleted by the writer, which said so in a line before each deletion.
  const pruned = all.flatMap(({ text }) => {
    const line = text.includes(PRUNE) ? parseLine(text)?.line : undefined;
    return line?.what === PRUNE ? [String(line.of?.['hash'])] : [];
  });
  const checked = checkLinks(writer, all, new Set([GENESIS.hash, ...pruned]));
  return {
    ...checked,
    writer,
    files: files.length,
    findings: [...checkEmpty(writer, all), ...checked.findings],
  };
}

/** A file is made with its first line. */
function checkEmpty(writer: string, lines: readonly unknown[]): Finding[] {
  return lines.length > 0
    ? []
    : [{ kind: 'cut', writer, at: undefined, text: 'its files are there, and hold no line' }];
}

function headsNamedIn({ at, line }: PlacedLine): readonly KnownHead[] {
  const heads = Object.entries(checkpointOf(line)?.heads ?? {});
  return heads.map(([writer, head]) => ({ writer, ...head, from: `the checkpoint ${at}` }));
}

function checkSignatures(lines: readonly PlacedLine[], key: KeyObject): Finding[] {
  return lines.flatMap(({ at, line }) => {
    const checkpoint = checkpointOf(line);
    const fault = checkpoint === undefined ? undefined : signatureFault(checkpoint, key);
    return fault === undefined ? [] : [{ kind: 'signature', writer: line.writer, at, text: fault }];
  });
}

function signatureFault(checkpoint: Checkpoint, key: KeyObject): string | undefined {
  if (isSignedBy(checkpoint, key)) return undefined;
  return checkpoint.key === fingerprintOf(key)
    ? 'the signature of this checkpoint is false'
    : `this checkpoint was signed with another key (${checkpoint.key}) than ours (${fingerprintOf(key)})`;
}

/** Each head that was known at some time must be in its chain, unless it is older than what is kept. */
function checkHeads(chains: readonly ReadChain[], heads: readonly KnownHead[]): Finding[] {
  const found = new Map<string, Finding>();
  const kept = new Map(chains.map((chain) => [chain.writer, rangeOf(chain)]));
  for (const { writer, seq, hash, from } of heads.toSorted((a, b) => b.seq - a.seq)) {
    const { first, last, places } = kept.get(writer) ?? NOTHING_KEPT;
    const placed = places.get(seq);
    if (seq < first || placed?.line.hash === hash) continue;
    // Of those that are gone the last one tells how much is missing, of those that are others the first one.
    if (seq <= last)
      found.set(`${writer} changed`, {
        ...(placed === undefined
          ? { kind: 'removed', text: `line ${seq} is not there; ${from} knows it` }
          : { kind: 'changed', text: `line ${seq} is another one than ${from} knows` }),
        writer,
        at: placed?.at,
      });
    else if (!found.has(`${writer} cut`))
      found.set(`${writer} cut`, {
        kind: 'cut',
        writer,
        at: undefined,
        text: `the chain ends with line ${last}; ${from} knows line ${seq}`,
      });
  }
  return [...found.values()];
}

const NOTHING_KEPT = { first: 1, last: 0, places: new Map<number, PlacedLine>() };

function rangeOf({ lines }: ReadChain) {
  const [first, last] = [lines[0]?.line.seq ?? 1, lines.at(-1)?.line.seq ?? 0];
  return { first, last, places: new Map(lines.map((placed) => [placed.line.seq, placed])) };
}

function summarise({ writer, files, lines }: ReadChain): ChainSummary {
  const last = lines.at(-1)?.line;
  return {
    writer,
    files,
    lines: lines.length,
    checkpoints: lines.filter(({ line }) => checkpointOf(line) !== undefined).length,
    head: last === undefined ? GENESIS : { seq: last.seq, hash: last.hash },
    since: lines[0]?.line.at,
    until: last?.at,
  };
}
