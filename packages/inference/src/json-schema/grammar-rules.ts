/** A grammar in GBNF, which grows rule by rule. */
export interface GrammarRules {
  /** Adds a rule and returns its name. */
  add(body: string): string;
  /** Adds a rule that can refer to itself; the same key is the same rule. */
  shared(key: string, write: (name: string) => string): string;
  /** The whole grammar, which begins with the expression `root`. */
  write(root: string): string;
}

export function createGrammarRules(): GrammarRules {
  const bodies: string[] = [];
  const names = new Map<string, string>();
  const reserve = (key: string) => {
    const name = `r${bodies.push('') - 1}`;
    names.set(key, name);
    return name;
  };
  const define = (name: string, body: string) => {
    bodies[Number(name.slice(1))] = body;
    return name;
  };
  return {
    add: (body) => names.get(body) ?? define(reserve(body), body),
    shared(key, write) {
      const known = names.get(`#${key}`);
      if (known !== undefined) return known;
      const name = reserve(`#${key}`);
      return define(name, write(name));
    },
    write: (root) => [`root ::= ${root}`, ...bodies.map((body, index) => `r${index} ::= ${body}`)].join('\n'),
  };
}

/** A text as a literal of GBNF. */
export function literal(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

export function anyOf(parts: readonly string[]): string {
  return parts.length === 1 ? String(parts[0]) : `(${parts.join(' | ')})`;
}

/** So often that `most` may be Infinity; the engine expands a number of repetitions, and refuses great ones. */
export function repeated(
  part: string,
  { least, most }: { readonly least: number; readonly most: number },
): string {
  if (most <= 0) return '""';
  if (most === Number.POSITIVE_INFINITY) return `(${part}){${least},}`;
  if (most <= MOST_REPEATED) return `(${part}){${least},${most}}`;
  const blocks = Math.min(MOST_REPEATED, Math.floor((most - least - BLOCK + 1) / BLOCK));
  const begin = least === 0 ? '' : `(${part}){${least}} `;
  return `${begin}((${part}){${BLOCK}}){0,${blocks}} (${part}){0,${BLOCK - 1}}`;
}

const MOST_REPEATED = 1000;
const BLOCK = 100;
