/** Letters of the font "Symbol" at the places of a to z; capitals lie at those of A to Z. */
const GREEK = 'αβχδεφγηιϕκλμνοπθρστυϖωξψζ';
const GREEK_CAPITALS = 'ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ';
/** Marks of Symbol and Wingdings that carry meaning: relations, boxes, arrows. */
const MARKS: Readonly<Record<string, string>> = {
  'symbol:A3': '≤',
  'symbol:B3': '≥',
  'symbol:B1': '±',
  'symbol:B4': '×',
  'symbol:B9': '≠',
  'symbol:BB': '≈',
  'symbol:A5': '∞',
  'symbol:AE': '→',
  'symbol:B0': '°',
  'symbol:D6': '√',
  'symbol:E5': '∑',
  'symbol:B7': '•',
  'wingdings:FC': '✓',
  'wingdings:FB': '✗',
  'wingdings:A8': '☐',
  'wingdings:FE': '☑',
  'wingdings:FD': '☒',
  'wingdings:E0': '→',
  'wingdings:E8': '→',
};

/** The letter that a place in a font of symbols shows. U+FFFD where the font is not known. */
export function symbol(font: string, hex: string): string {
  const place = Number.parseInt(hex, 16) & 0xff;
  const name = font.toLowerCase();
  if (name === 'symbol') {
    const letter = GREEK[place - 97] ?? GREEK_CAPITALS[place - 65];
    if (letter !== undefined) return letter;
  }
  return MARKS[`${name}:${place.toString(16).toUpperCase()}`] ?? '\uFFFD';
}
