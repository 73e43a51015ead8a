import type { Element } from './tree.ts';

export type Matcher = (element: Element) => boolean;

/**
 * Compiles a list of simple selectors: `div.body[role=main], #content, [itemprop=articleBody], .md-*`. A name may end in
 * `*`. There are no combinators.
 */
export function compile(selectors: string): Matcher {
  const matchers = selectors.split(',').map((selector) => compileOne(selector.trim()));
  return (element) => matchers.some((matches) => matches(element));
}

function compileOne(selector: string): Matcher {
  const parts = selector.match(/^[\w-]+|\.[\w-]+\*?|#[\w-]+\*?|\[[\w:-]+(?:=[^\]]*)?\]/g) ?? [];
  const conditions = parts.map(conditionOf);
  return (element) => conditions.every((holds) => holds(element));
}

function conditionOf(part: string): Matcher {
  const name = part.slice(1).replace(/\*$/, '');
  const isPrefix = part.endsWith('*');
  switch (part[0]) {
    case '.':
      if (!isPrefix) return ({ classes }) => classes.has(name);
      return ({ classes }) => classes.size > 0 && [...classes].some((value) => value.startsWith(name));
    case '#':
      if (!isPrefix) return ({ attributes }) => attributes['id'] === name;
      return ({ attributes }) => attributes['id']?.startsWith(name) ?? false;
    case '[': {
      const [key = '', value] = part.slice(1, -1).split('=', 2);
      if (value === undefined) return ({ attributes }) => attributes[key] !== undefined;
      return ({ attributes }) => attributes[key]?.toLowerCase() === value;
    }
    default:
      return (element) => element.name === part;
  }
}
