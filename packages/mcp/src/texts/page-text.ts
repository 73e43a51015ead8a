import type { ScrapedPage } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';

export function pageText({ url, title, httpStatus, markdown = '', degraded, warning }: ScrapedPage): string {
  const head = `${title}\n${url} (HTTP ${httpStatus})`;
  const warnings = warning === undefined ? [] : [`Warning: ${warning}`];
  return [head, markdown, ...degradedText(degraded), ...warnings].join('\n\n');
}
