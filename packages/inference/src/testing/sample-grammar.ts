type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'class'; readonly characters: readonly string[] }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'times'; readonly part: Node; readonly least: number; readonly most: number };

/** Returns a writer of texts of a grammar, each choice by `random`. Reads the part of GBNF that `addSchema` writes. */
export function createGrammarSampler(grammar: string, random: () => number): () => string {
  const rules = new Map<string, Node>();
  for (const line of grammar.split('\n')) {
    const [, name = '', body = ''] = /^(\w+) ::= (.*)$/.exec(line) ?? [];
    rules.set(name, parse(body));
  }
  const below = (count: number) => Math.floor(random() * count);
  const write = (node: Node, depth: number): string => {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'class':
        return node.characters[below(node.characters.length)] ?? '';
      case 'rule':
        return write(rules.get(node.name) as Node, depth + 1);
      case 'all':
        return node.parts.map((part) => write(part, depth)).join('');
      case 'any':
        // Deep inside, the last alternatives are those without parts.
        return write(
          node.parts[depth > 25 ? node.parts.length - 1 : below(node.parts.length)] as Node,
          depth,
        );
      case 'times': {
        const room = depth > 15 ? 0 : Math.min(node.most - node.least, random() < 0.1 ? 12 : 3);
        const count = node.least + below(room + 1);
        return Array.from({ length: count }, () => write(node.part, depth)).join('');
      }
    }
  };
  return () => write(rules.get('root') as Node, 0);
}

function parse(body: string): Node {
  let at = 0;
  const space = () => {
    while (body[at] === ' ') at++;
  };
  const choice = (): Node => {
    const parts = [sequence()];
    while (body[at] === '|') {
      at++;
      parts.push(sequence());
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'any', parts };
  };
  const sequence = (): Node => {
    const parts: Node[] = [];
    for (space(); at < body.length && body[at] !== '|' && body[at] !== ')'; space())
      parts.push(counted(one()));
    return { kind: 'all', parts };
  };
  const one = (): Node => {
    if (body[at] === '(') {
      at++;
      const inner = choice();
      at++;
      return inner;
    }
    const [token = ''] = /^("(\\.|[^"\\])*"|\[(\\.|[^\]\\])*\]|\w+)/.exec(body.slice(at)) ?? [];
    if (token === '') throw new SyntaxError(`not GBNF: ${body.slice(at, at + 40)}`);
    at += token.length;
    if (token.startsWith('"')) return { kind: 'text', text: unescaped(token.slice(1, -1)) };
    if (token.startsWith('[')) return { kind: 'class', characters: charactersOf(token.slice(1, -1)) };
    return { kind: 'rule', name: token };
  };
  const counted = (part: Node): Node => {
    const [count, sign, least, comma, most] = /^(?:([?*+])|\{(\d+)(,?)(\d*)\})/.exec(body.slice(at)) ?? [];
    if (count === undefined) return part;
    at += count.length;
    if (sign === '?') return { kind: 'times', part, least: 0, most: 1 };
    if (sign !== undefined) return { kind: 'times', part, least: sign === '+' ? 1 : 0, most: Infinity };
    const highest = most ? Number(most) : comma ? Infinity : Number(least);
    return { kind: 'times', part, least: Number(least), most: highest };
  };
  return choice();
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(x[0-9A-F]{2}|u[0-9A-F]{4}|U[0-9A-F]{8}|.)/g, (_, code: string) => {
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
}

/** Of wide ranges only the ends and the middle. */
function charactersOf(body: string): readonly string[] {
  const one = '\\\\x..|\\\\u.{4}|\\\\U.{8}|\\\\.|.';
  return [...body.matchAll(new RegExp(`(${one})(?:-(${one}))?`, 'gs'))].flatMap(
    ([, from = '', to = from]) => {
      const [low, high] = [from, to].map((end) => unescaped(end).codePointAt(0)) as [number, number];
      const codes = high - low > 200 ? [low, Math.floor((low + high) / 2), high] : range(low, high);
      return codes.map((code) => String.fromCodePoint(code));
    },
  );
}

function range(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
