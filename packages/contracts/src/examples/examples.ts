import { CRAWLER_EXAMPLES } from './crawler.ts';
import { OPENAI_EXAMPLES } from './openai.ts';
import { RAG_EXAMPLES } from './rag.ts';
import { SERVICE_EXAMPLES } from './service.ts';

/** An example of each request and answer, by its OpenAPI name. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  ...SERVICE_EXAMPLES,
  ...RAG_EXAMPLES,
  ...OPENAI_EXAMPLES,
  ...CRAWLER_EXAMPLES,
};
