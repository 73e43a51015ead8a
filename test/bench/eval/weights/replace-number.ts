/**
 * The source of a module with another number for a constant (`NAME`) or an entry of a table of numbers (`TABLE.entry`).
 *
 * @throws {Error} when the source does not state it once
 */
export function replaceNumber(source: string, name: string, change: (value: number) => number): string {
  const [constant = '', entry] = name.split('.');
  const table = entry === undefined ? '' : String.raw`\{[^}]*?\b${entry}: `;
  const pattern = new RegExp(String.raw`(?<=\bconst ${constant}\b[^=]* = ${table})-?[\d.]+`, 'g');
  const [found, ...more] = source.match(pattern) ?? [];
  if (found === undefined || more.length > 0) throw new Error(`${name} is not stated once`);
  return source.replace(pattern, () => String(change(Number(found))));
}
