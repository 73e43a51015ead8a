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

interface Shown {
  /** Where the text goes on. */
  readonly next: number;
  readonly text: string;
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
  const [, slash = '', written = '', attributes = ''] = tag;
  const name = written.toLowerCase();
  if (BLOCKS.has(name)) return { next: TAG.lastIndex, text: ' ' };
  if (!OTHERS.has(name)) return undefined;
  const shown = slash === '' ? openingText(name, attributes) : '';
  return { next: TAG.lastIndex, text: shown };
}

function openingText(name: string, attributes: string): string {
  if (name === 'sup') return '^';
  if (name === 'sub') return '_';
  return name === 'img'
    ? (/\balt\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes)?.slice(1).join('') ?? '')
    : '';
}
