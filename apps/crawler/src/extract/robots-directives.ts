/** The product token by which a page may address this crawler, in lower case. */
export const ROBOTS_NAME = 'xoenovai';

export interface RobotsDirectives {
  /** The page is not to be indexed. */
  readonly noindex: boolean;
  /** Its links are not to be followed. */
  readonly nofollow: boolean;
}

/** Directives with a value, whose names would otherwise read as those of a crawler. */
const WITH_VALUE = /^(unavailable_after|max-(snippet|image-preview|video-preview))\s*:/;
const ADDRESSEE = /^([a-z][\w-]*)\s*:\s*(.*)$/s;
/** The comma of `Sunday, 06-Nov-94 08:49:37 GMT` (RFC 850) and `Sun, 06 Nov 1994 08:49:37 GMT` separates no directives. */
const COMMA_OF_DATE = /\b((?:mon|tue|wed|thu|fri|sat|sun)[a-z]*),/gi;

/**
 * What a page asks of this crawler, in all of its `X-Robots-Tag` headers and robots `<meta>`s together: the strictest
 * counts. In a header, directives after `name:` are for the crawler of that name only.
 *
 * @param metas contents of the `<meta>`s that address this crawler or all
 */
export function readDirectives(
  headers: string | readonly string[] | undefined,
  metas: readonly string[],
): RobotsDirectives {
  const lines = headers === undefined ? [] : [headers].flat();
  const asked = new Set([...lines.flatMap(directivesForUs), ...metas.flatMap(directivesOf)]);
  const isOver = asked.values().some(isUnavailable);
  return {
    noindex: asked.has('noindex') || asked.has('none') || isOver,
    nofollow: asked.has('nofollow') || asked.has('none'),
  };
}

function directivesOf(text: string): string[] {
  const parts = text.replace(COMMA_OF_DATE, '$1').split(',');
  return parts.map((part) => part.trim().toLowerCase()).filter((part) => part !== '');
}

function directivesForUs(header: string): string[] {
  let addressee: string | undefined;
  return directivesOf(header).flatMap((part) => {
    const named = WITH_VALUE.test(part) ? null : ADDRESSEE.exec(part);
    if (named !== null) addressee = named[1];
    if (addressee !== undefined && addressee !== ROBOTS_NAME) return [];
    return [named?.[2] ?? part];
  });
}

function isUnavailable(directive: string): boolean {
  const date = /^unavailable_after\s*:\s*(.+)$/.exec(directive)?.[1];
  return date !== undefined && Date.parse(date) < Date.now();
}
