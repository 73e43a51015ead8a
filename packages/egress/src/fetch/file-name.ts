const EXTENDED = /filename\*\s*=\s*utf-8'[^']*'([^\s;]+)/i;
const PLAIN = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i;

/** The name that a server gives to a file in `Content-Disposition` (RFC 6266), without folders; undefined without one. */
export function fileNameOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const extended = decoded(EXTENDED.exec(header)?.[1]);
  const [, quoted, token] = PLAIN.exec(header) ?? [];
  const name = extended ?? quoted?.replace(/\\(.)/g, '$1') ?? token;
  return name?.split(/[/\\]/).at(-1)?.trim() || undefined;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    // Broken escapes: the plain name beside them still counts.
    return undefined;
  }
}
