/** Letters of the font "Symbol" at the places of a to z; capitals lie at those of A to Z. */
const GREEK = 'αβχδεφγηιϕκλμνοπθρστυϖωξψζ';
const GREEK_CAPITALS = 'ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ';
/** Marks that carry meaning, such as relations, boxes and arrows: a place in the font and what it shows. */
const MARKS: Readonly<Record<string, string>> = {
  symbol: 'A3≤ B3≥ B1± B4× B9≠ BB≈ A5∞ AE→ B0° D6√ E5∑ B7•',
  wingdings: 'FC✓ FB✗ A8☐ FE☑ FD☒ E0→ E8→',
};

/** The letter that a place in a font of symbols shows. U+FFFD where the font is not known. */
export function symbol(font: string, hex: string): string {
  const place = Number.parseInt(hex, 16) & 0xff;
  const name = font.toLowerCase();
  if (name === 'symbol') {
    const letter = GREEK[place - 97] ?? GREEK_CAPITALS[place - 65];
    if (letter !== undefined) return letter;
  }
  const mark = MARKS[name]?.split(' ').find((entry) => Number.parseInt(entry, 16) === place);
  return mark?.slice(2) ?? '\uFFFD';
}
