/** Whether a font is one in which code is set: every letter equally wide. */
export function isCodeFont(font: string | undefined): boolean {
  return (
    font !== undefined &&
    /mono|courier|consol|menlo|typewriter|fixedsys|source code|fira code|cascadia/i.test(font)
  );
}
