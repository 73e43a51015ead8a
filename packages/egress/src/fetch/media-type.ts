export interface MediaType {
  /** Lower case, without parameters; empty when the header is absent or unreadable. */
  readonly mime: string;
  readonly charset: string | undefined;
}

/** Reads a `Content-Type` header as leniently as browsers do. */
export function parseMediaType(header: string | undefined): MediaType {
  const [essence = '', ...parameters] = (header ?? '').split(';');
  const mime = essence.trim().toLowerCase();
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?'?\s*([^"';\s]+)/i.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  return { mime: /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(mime) ? mime : '', charset: charset?.toLowerCase() };
}
