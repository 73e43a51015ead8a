import { readFileSync } from 'node:fs';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A YAML value that remembers where it was written, through anchors, merge keys and overlays. */
export interface Located extends Place {
  readonly value: string | number | boolean | null | readonly Located[] | ReadonlyMap<string, Located>;
  /** Marked with `!override`: it takes the place of what it is laid over. */
  readonly overrides?: boolean;
}

export type Path = readonly (string | number)[];

/** Reads a YAML file. Throws an Error that names the file, and the line where it is not YAML. */
export function readLocated(file: string): Located {
  return parseLocated(read(file), file);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}

export function parseLocated(text: string, file: string): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const [error] = document.errors;
  if (error) {
    const [why] = error.message.split(/ at line \d/);
    throw new Error(`${file}:${lines.linePos(error.pos[0]).line}: not YAML: ${why}`);
  }
  return locate(document.contents, { document, file, lines });
}

/** The value at a path, or the innermost one on the way that exists. */
export function nearest(root: Located, path: Path): Located {
  let here = root;
  for (const key of path) {
    const next = child(here, key);
    if (next === undefined) return here;
    here = next;
  }
  return here;
}

/** The value without its places, as JSON.parse would give it. */
export function plain(node: Located): unknown {
  const { value } = node;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

function child(node: Located, key: string | number): Located | undefined {
  const { value } = node;
  if (value instanceof Map) return value.get(String(key));
  return Array.isArray(value) && typeof key === 'number' ? value[key] : undefined;
}

interface Source {
  readonly document: Document;
  readonly file: string;
  readonly lines: LineCounter;
}

function locate(node: unknown, source: Source): Located {
  const overrides = (node as Node | null)?.tag === '!override';
  const at = { file: source.file, line: lineOf(node, source), ...(overrides ? { overrides } : {}) };
  if (isAlias(node)) return locate((node as Alias).resolve(source.document), source);
  if (isMap(node)) return { ...at, value: locateMap(node.items, source) };
  if (isSeq(node)) return { ...at, value: node.items.map((item) => locate(item, source)) };
  if (isScalar(node)) return { ...at, value: node.value as string | number | boolean | null };
  return { ...at, value: null };
}

function locateMap(pairs: readonly unknown[], source: Source): Map<string, Located> {
  const own = new Map<string, Located>();
  const inherited = new Map<string, Located>();
  for (const pair of pairs) {
    if (!isPair(pair)) continue;
    const key = isScalar(pair.key) ? nameOf(pair.key.value) : String(pair.key);
    const item = locate(pair.value, source);
    if (key === '<<') for (const [name, value] of mergedEntries(item)) inherited.set(name, value);
    // A reader looks for the key: an empty or nested value stands elsewhere.
    else own.set(key, { ...item, file: source.file, line: lineOf(pair.key, source) });
  }
  return new Map([...inherited, ...own]);
}

/** The parser gives the merge key as a symbol of that name. */
function nameOf(key: unknown): string {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key);
}

function mergedEntries(item: Located): readonly (readonly [string, Located])[] {
  if (item.value instanceof Map) return [...item.value];
  if (Array.isArray(item.value)) return [...item.value].reverse().flatMap(mergedEntries);
  return [];
}

function lineOf(node: unknown, { lines }: Source): number {
  const range = (node as Node | null)?.range;
  return range ? lines.linePos(range[0]).line : 0;
}
