/**
 * Characters that a reader does not see and a model does: controls, zero-width and bidirectional marks, soft hyphens,
 * and the tag characters that hide whole sentences. Joiners stay after letters that need them (Arabic, Indic) and emoji.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex lint/suspicious/noMisleadingCharacterClass: they are what is looked for.
  /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|(?<![\u0600-\u{10ffff}])[\u200c\u200d]/gu;
const PLAIN = /^[\t\n\f -~]*$/;

/** Text as it is seen. Non-breaking spaces become spaces: a phrase is searched and compared with what people type. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(INVISIBLE, '').replace(/[\u00a0\u202f]/g, ' ');
}
