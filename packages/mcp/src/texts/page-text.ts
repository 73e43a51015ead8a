import type { ScrapedPage } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';

export function pageText({ url, title, httpStatus, markdown = '', degraded }: ScrapedPage): string {
  return [`${title}\n${url} (HTTP ${httpStatus})`, markdown, ...degradedText(degraded)].join('\n\n');
}
