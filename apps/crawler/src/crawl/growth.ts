/** Pages whose text was seen before, each found on another one of them. */
interface Family {
  /** Number of its pages since the last one that was found here and had new text. */
  repeats: number;
}

/** More than a list that is paged with the same words on each page reaches, since its entries are fetched in between. */
const MAX_REPEATS = 5;

/**
 * Recognises endless series of links by their growth: new addresses, found on each other, that show text seen
 * before. A page on the way that has new text ends the suspicion. The shape of an address says nothing.
 */
export class Growth {
  readonly #texts = new Set<string>();
  readonly #families = new Map<string, Family>();
  readonly #foundOn = new Map<string, Family>();

  /** @param textHash undefined for a page without text, which neither raises nor ends a suspicion */
  addPage(url: string, textHash: string | undefined): void {
    const parent = this.#foundOn.get(url);
    this.#foundOn.delete(url);
    if (textHash !== undefined && !this.#texts.has(textHash)) {
      this.#texts.add(textHash);
      if (parent !== undefined) parent.repeats = 0;
      return;
    }
    const family = parent ?? { repeats: 0 };
    if (textHash !== undefined) family.repeats += 1;
    this.#families.set(url, family);
  }

  /** Whether links that only this page has lead on in an endless series. */
  isEndless(url: string): boolean {
    return (this.#families.get(url)?.repeats ?? 0) > MAX_REPEATS;
  }

  addLink(url: string, foundOn: string): void {
    const family = this.#families.get(foundOn);
    if (family !== undefined) this.#foundOn.set(url, family);
  }
}
