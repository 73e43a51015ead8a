import type { DomElement } from './dom.ts';

/** A formula as TeX when its page has that, else as the text it is. */
export function texOf(math: DomElement): string {
  const annotation = math.querySelector('annotation[encoding="application/x-tex"]')?.textContent?.trim();
  const tex = annotation || math.getAttribute('alttext')?.trim();
  if (!tex) return math.textContent ?? '';
  return math.getAttribute('display') === 'block' ? ` $$${tex}$$ ` : `$${tex}$`;
}
