const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** What an open element hides from the tags that follow, as "scope" does in the standard. */
export const SCOPE = set('html template table td th caption button object svg math');
export const TABLE_SCOPE = set('html template table');
export const TABLE_PARTS = set('tr td th thead tbody tfoot caption colgroup');
export const PARAGRAPH = set('p');
export const HEAD_TAGS = set('title meta link script style base noscript template basefont bgsound');

interface Implied {
  readonly closes: ReadonlySet<string>;
  readonly within: ReadonlySet<string>;
}

/** Start tags that end open elements whose own end tag may be left out. */
export const IMPLIED: ReadonlyMap<string, Implied> = new Map(
  Object.entries({
    li: { closes: set('li'), within: set('ul ol menu dir td th table html template') },
    dt: { closes: set('dt dd'), within: set('dl td th table html template') },
    dd: { closes: set('dt dd'), within: set('dl td th table html template') },
    td: { closes: set('td th caption colgroup'), within: TABLE_SCOPE },
    th: { closes: set('td th caption colgroup'), within: TABLE_SCOPE },
    tr: { closes: set('tr td th caption colgroup'), within: TABLE_SCOPE },
    thead: { closes: TABLE_PARTS, within: TABLE_SCOPE },
    tbody: { closes: TABLE_PARTS, within: TABLE_SCOPE },
    tfoot: { closes: TABLE_PARTS, within: TABLE_SCOPE },
    option: { closes: set('option'), within: set('select datalist html') },
    optgroup: { closes: set('option optgroup'), within: set('select html') },
    rt: { closes: set('rt rp'), within: set('ruby html') },
    rp: { closes: set('rt rp'), within: set('ruby html') },
  }),
);
