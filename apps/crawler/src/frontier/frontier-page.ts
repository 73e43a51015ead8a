/** A URL on its way through the crawl. */
export interface FrontierPage {
  readonly url: string;
  readonly depth: number;
  readonly order: number;
  readonly host: string;
  /** How often it was tried before. */
  readonly retries: number;
}
