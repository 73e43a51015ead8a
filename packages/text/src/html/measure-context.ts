import type { Generator } from './generators.ts';
import type { PageFacts } from './page-facts.ts';

export interface MeasureContext {
  readonly facts: PageFacts;
  readonly generator: Generator | undefined;
  /** Keeps navigation: the page has hardly anything else. */
  readonly keepsNavigation: boolean;
}
