import { plainText } from '../inline/plain-text.ts';
import { pushText, type Scan, type Verbatim } from './scan.ts';

/** Adds the text of HTML within Markdown; what shows nothing is counted. */
export function pushHtml(scan: Scan, { start, bodyStart, bodyEnd, end }: Verbatim): void {
  const visible = plainText('markdown', scan.text.slice(bodyStart, bodyEnd));
  if (visible === '') scan.hiddenChars += bodyEnd - bodyStart;
  else pushText(scan, { start, bodyStart, bodyEnd, end });
}
