/** A line of a body, without its end; `undefined` where it is longer than allowed. */
export type BodyLine = Buffer | undefined;

/** The lines of a body as they arrive, at most `maxBytes` each. Empty lines count, too. */
export async function* readLines(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<BodyLine> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const end = (): BodyLine => {
    const line = bytes <= maxBytes ? Buffer.concat(parts) : undefined;
    [parts, bytes] = [[], 0];
    return line;
  };
  for await (const chunk of body) {
    let from = 0;
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, from)) {
      take(chunk.subarray(from, at));
      yield end();
      from = at + 1;
    }
    take(chunk.subarray(from));
  }
  if (bytes > 0) yield end();
}

const NEW_LINE = 0x0a;
