/** What a paragraph is by the name of its style. */
export type Role = 'title' | 'contents' | 'caption' | 'quote' | 'code' | 'column' | 'term' | 'definition';

/** Word and LibreOffice write these names in English in every language of their menus. */
const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/^title$/i, 'title'],
  [/^(toc|contents|table of contents|index|table of figures|figure index)( \d+| heading)?$/i, 'contents'],
  [/^(\w+ ?caption|caption|legend)$/i, 'caption'],
  [/^(definition term|list heading)( tight)?$/i, 'term'],
  [/^(definition( definition)?|list contents)( tight)?$/i, 'definition'],
  [/^table (heading|header)$/i, 'column'],
  [/^(quote|quotations?|intense quote|block ?text)$/i, 'quote'],
  [
    /^(html (preformatted|code|sample|keyboard|typewriter)|preformatted text|macro text|verbatim.*|teletype)$/i,
    'code',
  ],
  [/^(source[ _]?(code|text)\b.*|code\b.*|.*\bcode)$/i, 'code'],
];

export function roleOfStyle(name: string): Role | undefined {
  return ROLES.find(([pattern]) => pattern.test(name))?.[1];
}
