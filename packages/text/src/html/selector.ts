import type { Element } from './tree.ts';

export type Matcher = (element: Element) => boolean;

/**
 * Compiles a list of simple selectors: `div.body[role=main], #content, [itemprop=articleBody]`. There are no
 * combinators.
 */
export function compile(selectors: string): Matcher {
  const matchers = selectors.split(',').map((selector) => compileOne(selector.trim()));
  return (element) => matchers.some((matches) => matches(element));
}

function compileOne(selector: string): Matcher {
  const parts = selector.match(/^[\w-]+|\.[\w-]+|#[\w-]+|\[[\w:-]+(?:=[^\]]*)?\]/g) ?? [];
  const conditions = parts.map(conditionOf);
  return (element) => conditions.every((holds) => holds(element));
}

function conditionOf(part: string): Matcher {
  const name = part.slice(1);
  switch (part[0]) {
    case '.':
      return ({ classes }) => classes.has(name);
    case '#':
      return ({ attributes }) => attributes['id'] === name;
    case '[': {
      const [key = '', value] = part.slice(1, -1).split('=', 2);
      if (value === undefined) return ({ attributes }) => attributes[key] !== undefined;
      return ({ attributes }) => attributes[key]?.toLowerCase() === value;
    }
    default:
      return (element) => element.name === part;
  }
}
