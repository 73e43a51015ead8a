import { subscript, superscript } from '../notation.ts';

const BLOCKS = new Set(
  (
    'address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol option p pre section summary ' +
    'table tbody td tfoot th thead title tr ul'
  ).split(' '),
);
const OTHERS = new Set(
  (
    'a abbr acronym audio b bdi bdo big button canvas cite code col colgroup data datalist del dfn em embed font i ' +
    'iframe img input ins kbd label link mark math meta meter noscript object optgroup output param picture progress q ' +
    'rp rt ruby s samp script select slot small source span strike strong style sub sup svg template textarea time ' +
    'track tt u var video wbr'
  ).split(' '),
);

const TAG = /<(\/?)([a-z][a-z0-9]*)(?=[\s/>])([^<>]*)>/iy;
const AUTOLINK = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>/iy;

export interface Shown {
  /** Where the text goes on. */
  readonly next: number;
  readonly text: string;
  /** The words of a picture, which a reader sees instead of it only. */
  readonly isPicture?: boolean;
}

/**
 * What a reader sees of the tag or link in angle brackets at `at`; undefined where it is plain text. Names that are
 * none of HTML are text: `<file>` stands for a file there.
 */
export function tagAt(text: string, at: number): Shown | undefined {
  AUTOLINK.lastIndex = at;
  const link = AUTOLINK.exec(text);
  if (link !== null) return { next: AUTOLINK.lastIndex, text: link[1] ?? '' };
  TAG.lastIndex = at;
  const tag = TAG.exec(text);
  if (tag === null) return undefined;
  const [, , written = '', attributes = ''] = tag;
  const name = written.toLowerCase();
  if (BLOCKS.has(name)) return { next: TAG.lastIndex, text: ' ' };
  if (!OTHERS.has(name)) return undefined;
  if (name === 'sup' || name === 'sub') return raisedAt(text, at, name) ?? { next: TAG.lastIndex, text: '' };
  const alternative = name === 'img' ? /\balt\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes) : null;
  return { next: TAG.lastIndex, text: alternative?.slice(1).join('') ?? '', isPicture: name === 'img' };
}

const RAISED = /<su[bp]>([^<>\s][^<>]{0,39})<\/su[bp]>/iy;
/** What is before raised signs decides how they are read: as a power, or as the mark of a footnote. */
const CHARS_BEFORE = 40;

function raisedAt(text: string, at: number, name: string): Shown | undefined {
  RAISED.lastIndex = at;
  const signs = RAISED.exec(text)?.[1];
  if (signs === undefined) return undefined;
  const next = RAISED.lastIndex;
  if (/^[\s>]?$/.test(text.charAt(at - 1)) && !/^\d+$/.test(signs)) return { next, text: signs };
  const place = {
    before: text.slice(Math.max(0, at - CHARS_BEFORE), at),
    next: text.charAt(next),
    language: undefined,
  };
  return { next, text: name === 'sup' ? superscript(signs, place) : subscript(signs, place) };
}
