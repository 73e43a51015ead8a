import { readFileSync } from 'node:fs';

export interface HtmlCase {
  readonly name: string;
  readonly html: string;
  /** What must be stored of it, exactly. */
  readonly stored: string;
}

const PROSE =
  'A storage engine keeps its rows in pages of eight kilobytes. When a page is full it is split in two, and the index above it gets one more entry; nothing else is moved, so that a long load does not stop those who read. The sections below say how this is set up, what it costs, and which figures are worth a look each morning.';
const MORE =
  'Whoever runs more than one replica reads about failover first. The order of restarts decides for how long old rows are shown, and although nothing is lost when it is wrong, the monitor will ring in the meantime.';

/**
 * Reads `=== name`, the markup, `--- stored` and the text that must come of it. Markup without `<html>` is the middle of
 * the main content of a page; `{prose}` and `{more}` are paragraphs.
 */
export function loadCases(file: URL): HtmlCase[] {
  const parts = readFileSync(file, 'utf8')
    .split(/^=== (.*)\n/m)
    .slice(1);
  return parts.flatMap((name, index) => {
    if (index % 2 === 1) return [];
    const [source = '', stored = ''] = (parts[index + 1] ?? '').split('\n--- stored\n', 2);
    const isPage = /<html/i.test(source);
    const html = isPage ? source : inPage(source);
    const text = isPage ? stored.trimEnd() : `# Manual\n\n{prose}\n\n${stored.trimEnd()}\n\n{more}`;
    return [{ name, html: withProse(html), stored: withProse(text.replace('\n\n\n\n', '\n\n')) }];
  });
}

function inPage(source: string): string {
  return `<!doctype html><html lang="en"><head><title>Manual</title></head><body><header><a href="/">Start</a></header><main><h1>Manual</h1><p>{prose}</p>${source}<p>{more}</p></main><footer>Example Ltd</footer></body></html>`;
}

function withProse(text: string): string {
  return text.replaceAll('{prose}', PROSE).replaceAll('{more}', MORE);
}
