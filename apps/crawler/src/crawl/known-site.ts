import type { CrawlRequest } from '@xnai/contracts';
import { documentId } from '../scope/canonical-url.ts';
import type { Ask, KnownPage } from './known-pages.ts';

/** What the collection of a crawl has of its site from earlier crawls. */
export class KnownSite {
  readonly #ask: Ask;
  readonly #pages = new Map<string, KnownPage>();
  readonly #loaded = new Set<string>();
  readonly #isWide: boolean;
  #isComplete = true;

  constructor(ask: Ask, { allowSubdomains, allowExternalLinks }: CrawlRequest) {
    this.#ask = ask;
    this.#isWide = allowSubdomains || allowExternalLinks;
  }

  /** Adds the pages of the site of this URL. */
  async load(url: string): Promise<void> {
    const site = this.#isWide ? '' : new URL(url).host;
    if (this.#loaded.has(site)) return;
    this.#loaded.add(site);
    const known = await this.#ask({ kind: 'known', url: this.#isWide ? undefined : url });
    if (known === undefined) this.#isComplete = false;
    for (const page of known ?? []) this.#pages.set(page.id, page);
  }

  get(url: string): KnownPage | undefined {
    return this.#pages.get(documentId(url));
  }

  async linksOf({ id, isFile }: KnownPage): Promise<readonly string[] | undefined> {
    return isFile ? [] : this.#ask({ kind: 'links', id });
  }

  /** Undefined when rag could not name all of them. */
  pages(): readonly KnownPage[] | undefined {
    return this.#isComplete ? [...this.#pages.values()] : undefined;
  }
}
