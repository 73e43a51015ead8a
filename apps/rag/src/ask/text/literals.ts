/** The share of the literals that a text holds letter by letter; Markdown's backslashes do not count. */
export function literalShare(literals: readonly string[], text: string): number {
  if (literals.length === 0 || text === '') return 0;
  const plain = text.replace(/\\([!-/:-@[-`{-~])/g, '$1').toLowerCase();
  return literals.filter((literal) => holdsLiteral(plain, literal)).length / literals.length;
}

/** Not inside a longer word or option: `--no` is not held by `--no-edit`. */
function holdsLiteral(text: string, literal: string): boolean {
  for (let at = text.indexOf(literal); at !== -1; at = text.indexOf(literal, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + literal.length, at + literal.length + 2);
    if (!/[\p{L}\p{N}-]/u.test(before) && !/^(?:[\p{L}\p{N}]|-[\p{L}\p{N}])/u.test(after)) return true;
  }
  return false;
}
